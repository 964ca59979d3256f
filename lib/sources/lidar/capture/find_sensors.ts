import { SourceError } from "../../errors.ts";
import { LIDAR_MAKES } from "../makes.ts";
import type { LidarMake } from "../packet_decoder.ts";
import { readCapture } from "./capture_reader.ts";
import { type Datagram, DatagramReader } from "./datagrams.ts";

/** A sensor whose packets are in a capture. */
export interface FoundSensor {
  make: LidarMake;
  /** Tells its datagrams from those of others. */
  key: string;
  address: string;
  port: number;
  /** The first of its packets of points. */
  sample: Uint8Array;
}

/** What is looked at behind the first packet of points. */
const LOOK_MS = 500;
const LOOK_BYTES = 256 * 1024 * 1024;
const MAX_SENSORS = 16;
/** Ports that an error names. */
const MAX_PORTS = 8;

/** Tells the datagrams of one sensor from those of others. */
export function keyOf({ sourceAddress, sourcePort }: Datagram): string {
  return `${sourceAddress} ${sourcePort}`;
}

/**
 * Looks which sensors' packets are in a capture, by its beginning.
 *
 * @throws {SourceError} where there are none, with what there is.
 */
export async function findSensors(path: string): Promise<FoundSensor[]> {
  const found = new Map<string, FoundSensor>();
  const ports = new Set<number>();
  const reader = new DatagramReader();
  let [bytes, until] = [0, Infinity];
  for await (const frame of readCapture(path)) {
    bytes += frame.data.length;
    if (bytes > LOOK_BYTES || frame.time > until) break;
    const datagram = reader.read(frame);
    if (datagram === undefined) continue;
    if (ports.size < MAX_PORTS) ports.add(datagram.targetPort);
    const key = keyOf(datagram);
    if (found.has(key) || found.size >= MAX_SENSORS) continue;
    const make = makeOf(datagram);
    if (make === undefined) continue;
    if (found.size === 0) until = frame.time + LOOK_MS;
    const { sourceAddress: address, sourcePort: port, payload } = datagram;
    found.set(key, { make, key, address, port, sample: payload.slice() });
  }
  if (found.size > 0) return [...found.values()];
  const known = LIDAR_MAKES.map(({ name }) => name).join(", ");
  throw new SourceError(
    `${path} has no packets of a lidar that is known (${known}); ` +
      (ports.size === 0
        ? "it has no UDP packets at all"
        : `its UDP packets go to port ${[...ports].join(", ")}`),
  );
}

function makeOf({ payload, targetPort }: Datagram): LidarMake | undefined {
  return LIDAR_MAKES.find((make) => make.recognizes(payload, targetPort));
}
