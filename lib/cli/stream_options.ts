/** The client's options about its streams of points, each of which has some. */
import type { Logger } from "../log.ts";
import type { Pose } from "../points/cloud.ts";
import { type CloudEncoder, FRAME_CODECS } from "../points/codec.ts";
import { createEncoder } from "../points/codecs.ts";
import type { PublishedStream } from "../publishing/publish.ts";
import { whyNoName } from "../session_name.ts";
import type { SourceCamera } from "../sources/opened_source.ts";
import type { SharedInputs } from "../sources/shared_inputs.ts";
import {
  DEFAULT_RATE,
  mapSource,
  type PointSource,
} from "../sources/source.ts";
import type { StreamPlace } from "../wire/messages.ts";
import {
  type OptionSpec,
  type OptionValues,
  parseOptions,
  UsageError,
} from "./options.ts";
import { argumentsOfEach, splitName } from "./repeated_option.ts";
import { readResolutions, RESOLUTION_OPTION } from "./resolution_option.ts";
import {
  openSourceOf,
  readSourceOptions,
  SOURCE_OPTIONS,
  type SourceOptions,
} from "./source_options.ts";

export const STREAM_OPTIONS = {
  ...SOURCE_OPTIONS,
  rate: {
    type: "number",
    min: 0.001,
    max: 1000,
    help: `Frames a second (${DEFAULT_RATE}; a pipe or a followed folder ` +
      "sets its own pace)",
  },
  codec: {
    type: "choice",
    choices: FRAME_CODECS,
    default: "cloudini",
    help: "How points are encoded in the pointwire dialect",
  },
  ...RESOLUTION_OPTION,
  pose: {
    type: "text",
    help: "Where the sensor stands: X,Y,Z or X,Y,Z,ROLL,PITCH,YAW, metres " +
      "and degrees",
  },
  "frame-id": {
    type: "text",
    help: "Frame that the coordinates are in (the stream's name)",
  },
  parent: {
    type: "text",
    help: "Frame that the sensor stands in (base_link, where it has a pose)",
  },
} as const;

type Given = OptionValues<typeof STREAM_OPTIONS>;

/** A source as a command line has it, with what holds for its streams. */
export interface StreamOptions
  extends Pick<PublishedStream, "name" | "rate" | "place" | "handsOn"> {
  /** Whether the name was given to it. */
  isNamed: boolean;
  from: SourceOptions;
  /** Makes the encoder of one stream. */
  createEncoder(stream: string): CloudEncoder;
}

/** What the sources of a command line have. */
export interface OpenedStreams {
  streams: PublishedStream[];
  /** What comes with them; nothing where all of their points are made up. */
  cameras?: SourceCamera[];
}

/** What a stream is called where there is one, and nobody names it. */
const ONE_STREAM = "points";

/**
 * Reads the streams of a command line. Each `--source` begins one, which the
 * options behind it are of; those before the first are of all.
 *
 * @param spec of all options of the program.
 * @throws {UsageError} naming the option, and what is wrong with it.
 */
export function readStreams(
  args: readonly string[],
  spec: OptionSpec & typeof STREAM_OPTIONS,
  log: Logger,
): StreamOptions[] {
  const streams = argumentsOfEach(args, "--source").map((own, _, all) => {
    const given = parseOptions([...own], spec) as Given;
    return readStream(given, all.length === 1, log);
  });
  checkNames(streams);
  return streams;
}

/**
 * Opens the sources of a command line, side by side. Several streams of one
 * source are called as it calls them, below its name where it has one.
 *
 * @param shared what sources of one robot, or of one bag, share.
 * @throws {SourceError} for the first that can't be opened; the others are let
 * go then.
 * @throws {UsageError} for two streams of a name.
 */
export async function openStreams(
  options: readonly StreamOptions[],
  shared: SharedInputs,
): Promise<OpenedStreams> {
  const opening = options.map((one) => openOne(one, shared));
  const settled = await Promise.allSettled(opening);
  const opened = settled.flatMap((one) =>
    one.status === "fulfilled" ? [one.value] : []
  );
  const streams = opened.flatMap(({ streams }) => streams);
  const cameras = opened.flatMap(({ cameras = [] }) => cameras);
  const isReal = opened.some(({ cameras }) => cameras !== undefined);
  try {
    await Promise.all(opening);
    checkNames(streams);
  } catch (error) {
    for (const { source } of streams) await source[Symbol.asyncDispose]?.();
    throw error;
  }
  return { streams, cameras: isReal ? cameras : undefined };
}

async function openOne(
  options: StreamOptions,
  shared: SharedInputs,
): Promise<OpenedStreams> {
  const { name, isNamed, rate, place, handsOn, createEncoder } = options;
  const { streams, cameras } = await openSourceOf({
    ...options.from,
    ...shared,
  });
  const named = streams.map((stream) => {
    const its = stream.name ?? name;
    const below = isNamed && streams.length > 1 ? `${name}/${its}` : its;
    return { ...stream, name: isNamed && streams.length === 1 ? name : below };
  });
  return {
    streams: named.map((stream) => ({
      name: stream.name,
      // What the command line says of the place holds, whatever a bag says.
      source: place === undefined ? stream.source : withoutPlace(stream.source),
      ...{ rate, handsOn },
      place: place ?? stream.place,
      encoder: createEncoder(stream.name),
    })),
    cameras: cameras?.map((camera) => ({
      ...camera,
      name: isNamed ? joined(name, camera.name) : camera.name,
    })),
  };
}

/** What is below a name, or the name itself. */
function joined(name: string, below: string | undefined): string {
  return below === undefined ? name : `${name}/${below}`;
}

/** Leaves out where a source says that its clouds stand. */
function withoutPlace(source: PointSource): PointSource {
  return mapSource(source, ({ cloud, captureTime }) => ({
    ...{ cloud, captureTime },
  }));
}

/** @throws {UsageError} for two streams of a name. */
function checkNames(streams: readonly { name: string }[]): void {
  const names = streams.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new UsageError(`Two streams are called ${twice}; a name is of one`);
}

function readStream(
  given: Given,
  isOnly: boolean,
  log: Logger,
): StreamOptions {
  const { name: named, value: source } = splitName(given.source);
  if (named === undefined && !isOnly) {
    throw new UsageError(
      `--source "${given.source}" needs a name beside the others, such as ` +
        `front=${given.source}`,
    );
  }
  const name = named ?? ONE_STREAM;
  const why = whyNoName(name);
  if (why !== undefined) {
    throw new UsageError(`The stream's name "${name}" can't be used: ${why}`);
  }
  const { codec, resolution, rate } = given;
  const steps = readResolutions(resolution);
  return {
    ...{ name, rate, isNamed: named !== undefined },
    // A resolution that is asked for is made, whatever the source's was.
    handsOn: codec === "cloudini" && resolution === undefined,
    createEncoder: (stream) =>
      createEncoder(codec, {
        ...steps,
        onFallback: (why) =>
          log.warn("frames go as raw bytes, which hold all values", {
            stream,
            why,
          }),
      }),
    place: readPlace(given, name),
    from: readSourceOptions({ ...given, source }, log),
  };
}

/** Where the sensor stands, where an option says anything of it. */
function readPlace(
  { pose: text, "frame-id": frameId, parent }: Given,
  stream: string,
): StreamPlace | undefined {
  if (text === undefined && frameId === undefined && parent === undefined) {
    return undefined;
  }
  if (text === undefined && parent === undefined) return { frameId };
  return {
    frameId: frameId ?? stream,
    parent: parent ?? "base_link",
    ...text === undefined ? {} : { pose: readPose(text) },
  };
}

/**
 * Reads a pose: metres, and degrees about the fixed axes x, y and z, in that
 * order (REP 103).
 */
function readPose(text: string): Pose {
  const parts = text.split(",").map((part) => part.trim());
  const numbers = parts.map(Number);
  const areNumbers = !parts.includes("") && numbers.every(Number.isFinite);
  if (!areNumbers || (numbers.length !== 3 && numbers.length !== 6)) {
    throw new UsageError(
      `--pose is X,Y,Z or X,Y,Z,ROLL,PITCH,YAW, in metres and degrees, ` +
        `not "${text}"`,
    );
  }
  const [x, y, z, roll = 0, pitch = 0, yaw = 0] = numbers;
  return {
    translation: [x, y, z],
    rotation: quaternionOf(roll, pitch, yaw),
  };
}

/** Degrees about the fixed axes x, then y, then z. */
function quaternionOf(
  roll: number,
  pitch: number,
  yaw: number,
): [x: number, y: number, z: number, w: number] {
  const half = Math.PI / 360;
  const [cr, cp, cy] = [roll, pitch, yaw].map((a) => Math.cos(a * half));
  const [sr, sp, sy] = [roll, pitch, yaw].map((a) => Math.sin(a * half));
  return [
    sr * cp * cy - cr * sp * sy,
    cr * sp * cy + sr * cp * sy,
    cr * cp * sy - sr * sp * cy,
    cr * cp * cy + sr * sp * sy,
  ];
}
