/** Packets as Velodyne's sensors send them, made for the tests. */
import { randomNumbers } from "../numbers.ts";

/** A model, by what its packets say. */
export interface Sensor {
  product: number;
  /** Blocks that have all lasers once. */
  banks: number;
  /** Microseconds from a block's azimuth to the next one's. */
  column: number;
  /**
   * Hundredths of a degree in a microsecond at which all its firings are at
   * whole hundredths.
   */
  evenRate: number;
}

export const SENSORS: Record<string, Sensor> = {
  "HDL-32E": { product: 0x21, banks: 1, column: 46.08, evenRate: 1 / 1.152 },
  "VLP-16": { product: 0x22, banks: 1, column: 110.592, evenRate: 1 / 2.304 },
  "Puck Hi-Res": {
    ...{ product: 0x24, banks: 1, column: 110.592, evenRate: 1 / 2.304 },
  },
  "VLP-32C": { product: 0x28, banks: 1, column: 55.296, evenRate: 1 / 2.304 },
  "VLS-128": { product: 0xa1, banks: 4, column: 57.8, evenRate: 1 / 2.89 },
};

export const MODES = { strongest: 0x37, last: 0x38, dual: 0x39 };

const FLAGS = [0xeeff, 0xddff, 0xccff, 0xbbff];

/** What a sensor does while its packets are made. */
export interface PacketsOptions {
  count: number;
  mode: number;
  /** Hundredths of a degree at the start, and in a microsecond. */
  azimuth: number;
  rate: number;
  /** Microseconds past the hour at the start. @default {1,000,000} */
  micros?: number;
}

/** Makes packets with random returns; every eighth or so came to nothing. */
export function createPackets(
  { product, banks, column }: Sensor,
  { count, mode, azimuth, rate, micros = 1_000_000 }: PacketsOptions,
): Uint8Array[] {
  const random = randomNumbers(product * 256 + mode);
  const isDual = mode === MODES.dual;
  const returns = isDual ? 2 : 1;
  const columns = Math.floor(12 / (banks * returns));
  return Array.from({ length: count }, (_, number) => {
    const packet = new Uint8Array(1206);
    const view = new DataView(packet.buffer);
    for (let block = 0; block < columns * banks * returns; block++) {
      const at = block * 100;
      const before = number * columns + Math.floor(block / (banks * returns));
      const angle = Math.round(azimuth + rate * column * before) % 36_000;
      view.setUint16(at, FLAGS[Math.floor(block / returns) % banks], true);
      view.setUint16(at + 2, angle, true);
      for (let value = at + 4; value < at + 100; value += 3) {
        const chance = random();
        if (isDual && block % 2 === 1 && chance < 0.5) {
          packet.copyWithin(value, value - 100, value - 97);
        } else if (chance < 0.875) {
          view.setUint16(value, 1 + Math.floor(random() * 65_535), true);
          packet[value + 2] = random() * 256;
        }
      }
    }
    const time = Math.round(micros + number * columns * column);
    view.setUint32(1200, time % 3_600_000_000, true);
    packet[1204] = mode;
    packet[1205] = product;
    return packet;
  });
}
