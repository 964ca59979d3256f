/** Opens lidars: on the network, and in captures of it. */
import type { Logger } from "../../log.ts";
import { SourceError } from "../errors.ts";
import type { NamedSource, OpenedSource } from "../opened_source.ts";
import { CapturePlayer } from "./capture/capture_player.ts";
import { findSensors, type FoundSensor } from "./capture/find_sensors.ts";
import { LIDAR_MAKES } from "./makes.ts";
import { fetchMetadata } from "./ouster/fetch_metadata.ts";
import { readMetadata } from "./ouster/metadata.ts";
import type { LidarMake, PacketDecoder } from "./packet_decoder.ts";
import { readMetadataBeside, readMetadataFile } from "./read_metadata.ts";
import { udpSource } from "./udp_source.ts";

/** Options of {@linkcode openLidar}. */
export interface OpenLidarOptions {
  /** A JSON file with what the sensor says of itself. */
  metadata?: string;
  /** How fast a capture is played. @default {1} */
  speed?: number;
  /** Seconds of a capture that are left out at its beginning. @default {0} */
  start?: number;
  /** Starts a capture again after its end. */
  loop?: boolean;
  log: Logger;
}

const CAPTURE = /\.(pcap|pcapng|cap)$/i;

/**
 * Opens what names a lidar: `ouster:HOST`, `MAKE:PORT`, or a capture's path.
 *
 * @returns nothing for any other name.
 * @throws {SourceError} where it can't be had.
 */
export async function openLidar(
  name: string,
  options: OpenLidarOptions,
): Promise<OpenedSource | undefined> {
  if (CAPTURE.test(name)) return await openCapture(name, options);
  const colon = name.indexOf(":");
  const make = LIDAR_MAKES.find((make) => make.name === name.slice(0, colon));
  if (make === undefined) return undefined;
  const where = name.slice(colon + 1);
  const { log, metadata: file } = options;
  const metadata = file && await readMetadataFile(file);
  if (/^\d+$/.test(where)) {
    const port = readPort(where, make);
    const source = udpSource({ make, port, metadata, log });
    return { streams: [{ source }] };
  }
  if (make.name === "ouster") {
    if (metadata !== undefined) {
      throw new SourceError(
        `${name} gives its metadata itself: leave --metadata out, or name ` +
          `the UDP port that it sends to, such as ouster:${make.defaultPort}`,
      );
    }
    return { streams: [{ source: await openHost(where, make, log) }] };
  }
  throw noPort(where, make);
}

async function openHost(host: string, make: LidarMake, log: Logger) {
  const { metadata, address } = await fetchMetadata(host);
  const { port = make.defaultPort } = readMetadata(metadata);
  return udpSource({ make, port, metadata, from: address, log });
}

function readPort(text: string, make: LidarMake): number {
  const port = Number(text);
  if (port >= 1 && port <= 65_535) return port;
  throw noPort(text, make);
}

function noPort(text: string, { name, defaultPort }: LidarMake): SourceError {
  return new SourceError(
    `${name}:${text} names no UDP port, such as ${name}:${defaultPort}`,
  );
}

async function openCapture(
  path: string,
  { metadata: file, ...options }: OpenLidarOptions,
): Promise<OpenedSource> {
  const found = await findSensors(path);
  const metadata = file === undefined
    ? await readMetadataBeside(path)
    : [await readMetadataFile(file)];
  const sensors = found.map((sensor) => ({
    ...sensor,
    decoder: decoderFor(sensor, { path, metadata }),
  }));
  const { sources } = new CapturePlayer({ path, sensors, ...options });
  const names = namesOf(found);
  const streams = sources.map((source, i): NamedSource => ({
    name: names[i],
    source,
  }));
  return { streams };
}

/** Takes the metadata that a sensor's packets can be read with. */
function decoderFor(
  { make, sample }: FoundSensor,
  { path, metadata }: { path: string; metadata: readonly unknown[] },
): PacketDecoder {
  if (!make.needsMetadata) {
    const corrections = metadata.find((one) => typeof one === "string");
    return make.createDecoder({ metadata: corrections });
  }
  let why = "";
  for (const one of metadata) {
    const trial = make.createDecoder({ metadata: one });
    trial.push(sample, 0);
    if (trial.counts.refused === 0) {
      return make.createDecoder({ metadata: one });
    }
    why = `, and what there is doesn't fit its packets: ${trial.reason}`;
  }
  throw new SourceError(
    `${path} has packets of ${make.name}, which can't be read without the ` +
      `sensor's metadata: it is looked for beside it, under its name with ` +
      `.json or _0.json, or named by --metadata${why}`,
  );
}

/** Calls each sensor by its make, and where that isn't enough by address. */
function namesOf(found: readonly FoundSensor[]): (string | undefined)[] {
  if (found.length === 1) return [undefined];
  const called = [
    ({ make }: FoundSensor) => make.name as string,
    ({ make, address }: FoundSensor) =>
      `${make.name}-${address.replaceAll(":", "-")}`,
    ({ make, address, port }: FoundSensor) =>
      `${make.name}-${address.replaceAll(":", "-")}-${port}`,
  ];
  return found.map((sensor) => {
    const isOwn = (call: typeof called[number]) =>
      found.filter((other) => call(other) === call(sensor)).length === 1;
    const call = called.find(isOwn) ?? called[2];
    return call(sensor);
  });
}
