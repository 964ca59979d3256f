/** Packets as Hesai's manuals describe them, made for the tests. */

/** A model's packets: their sizes, and what is where after the blocks. */
export interface Sensor {
  header: number[];
  blocks: number;
  channels: number;
  /** What each block begins with. */
  flag: number[];
  unit: number;
  tail: {
    bytes: number;
    mode: number;
    speed: number;
    date: number;
    micros: number;
    firstYear: number;
  };
}

const XT_TAIL = {
  ...{ bytes: 24, mode: 10, speed: 11, date: 13, micros: 19, firstYear: 1900 },
};
const PANDAR_TAIL = {
  ...{ bytes: 22, mode: 14, speed: 8, date: 16, micros: 10, firstYear: 2000 },
};

function xt(channels: number, blocks: number): Sensor {
  const header = [0xee, 0xff, 6, 1, 0, 0, channels, blocks, 0, 4, 1, 1];
  return { header, blocks, channels, flag: [], unit: 4, tail: XT_TAIL };
}

export const SENSORS: Record<string, Sensor> = {
  "PandarXT-16": xt(16, 8),
  "PandarXT-32": xt(32, 8),
  "PandarXT-32M2X": xt(32, 6),
  Pandar64: {
    ...{ header: [0xee, 0xff, 64, 6, 0, 4, 0, 0], blocks: 6, channels: 64 },
    ...{ flag: [], unit: 3, tail: PANDAR_TAIL },
  },
  Pandar40P: {
    ...{ header: [], blocks: 10, channels: 40, flag: [0xff, 0xee], unit: 3 },
    tail: PANDAR_TAIL,
  },
};

export const MODES = { strongest: 0x37, last: 0x38, dual: 0x39 };

/** A channel's return; 4 mm are a step. */
export type Echo = [steps: number, reflectivity: number];

export interface HesaiPacketOptions {
  /** Milliseconds since the Unix epoch. */
  time: number;
  /** Hundredths of a degree, of each block. */
  azimuth: (block: number) => number;
  echo: (block: number, channel: number) => Echo;
  mode?: number;
  /** Turns a minute. */
  speed?: number;
  number?: number;
}

/** Writes one packet. */
export function createHesaiPacket(
  { header, blocks, channels, flag, unit, tail }: Sensor,
  options: HesaiPacketOptions,
): Uint8Array {
  const { time, azimuth, echo, mode = MODES.strongest } = options;
  const { speed = 0, number = 0 } = options;
  const bytes: number[] = [...header];
  const uint16 = (value: number) => [value & 0xff, value >> 8];
  for (let block = 0; block < blocks; block++) {
    bytes.push(...flag, ...uint16(azimuth(block) % 36_000));
    for (let channel = 0; channel < channels; channel++) {
      const [steps, reflectivity] = echo(block, channel);
      bytes.push(...uint16(steps), reflectivity);
      if (unit === 4) bytes.push(0);
    }
  }
  const rest = new Uint8Array(tail.bytes + 4);
  const view = new DataView(rest.buffer);
  const date = new Date(time);
  rest[tail.mode] = mode;
  view.setUint16(tail.speed, speed, true);
  rest.set([
    date.getUTCFullYear() - tail.firstYear,
    date.getUTCMonth() + 1,
    ...[date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes()],
    date.getUTCSeconds(),
  ], tail.date);
  view.setUint32(tail.micros, Math.round(time % 1000 * 1000), true);
  view.setUint32(tail.bytes, number, true);
  return Uint8Array.from([...bytes, ...rest]);
}
