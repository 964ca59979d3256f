/** Packets as Livox's SDK 2 describes them, made for the tests. */
import { randomNumbers } from "../numbers.ts";

/** A point as a packet has it: three numbers in the type's units. */
export interface RawPoint {
  numbers: [number, number, number];
  reflectivity: number;
  tag: number;
}

export interface LivoxPacketOptions {
  type: number;
  points: RawPoint[];
  /** Nanoseconds, of the first point. */
  ns: bigint;
  number?: number;
  /** Tenths of a microsecond that all points take. */
  interval?: number;
}

/** Writes one packet. */
export function createLivoxPacket(
  { type, points, ns, number = 0, interval = 4800 }: LivoxPacketOptions,
): Uint8Array {
  const size = [0, 14, 8, 10][type];
  const packet = new Uint8Array(36 + points.length * size);
  const view = new DataView(packet.buffer);
  view.setUint16(1, packet.length, true);
  view.setUint16(3, interval, true);
  view.setUint16(5, points.length, true);
  view.setUint16(7, number, true);
  view.setUint8(10, type);
  view.setBigUint64(28, ns, true);
  for (const [i, { numbers, reflectivity, tag }] of points.entries()) {
    const at = 36 + i * size;
    const [a, b, c] = numbers;
    if (type === 1) {
      view.setInt32(at, a, true);
      view.setInt32(at + 4, b, true);
      view.setInt32(at + 8, c, true);
    } else if (type === 2) {
      view.setInt16(at, a, true);
      view.setInt16(at + 2, b, true);
      view.setInt16(at + 4, c, true);
    } else {
      view.setUint32(at, a, true);
      view.setUint16(at + 4, b, true);
      view.setUint16(at + 6, c, true);
    }
    packet[at + size - 2] = reflectivity;
    packet[at + size - 1] = tag;
  }
  return packet;
}

/** Makes packets of 96 random points each, 480 microseconds apart. */
export function createLivoxPackets(
  { count, type, ns = 1_700_000_000_000_000_000n }: {
    count: number;
    type: number;
    ns?: bigint;
  },
): Uint8Array[] {
  const random = randomNumbers(type);
  const below = (n: number) => Math.floor(random() * n);
  return Array.from({ length: count }, (_, number) =>
    createLivoxPacket({
      ...{ type, number, ns: ns + BigInt(number * 480_000) },
      points: Array.from({ length: 96 }, () => ({
        numbers: [1 + below(18_000), below(18_000), below(18_000)],
        reflectivity: below(256),
        tag: below(64),
      })),
    }));
}
