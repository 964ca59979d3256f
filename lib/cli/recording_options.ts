import config from "../../deno.json" with { type: "json" };
import {
  LocalRecordingDesk,
  type RecordingDesk,
} from "../hosting/recording_desk.ts";
import { Recordings } from "../hosting/recorded_host.ts";
import type { SessionHost } from "../hosting/session_host.ts";
import { WorkerRecordingDesk } from "../hosting/worker_recording_desk.ts";
import type { LogFormat, Logger, LogLevel } from "../log.ts";
import { openRecordingFolder } from "../recording/folder.ts";
import type { RecordingOptions } from "../recording/recording_options.ts";
import { matchesName } from "../session_name.ts";
import { mayStartWorkers } from "./hosting_options.ts";
import { type OptionValues, UsageError } from "./options.ts";

const MIB = 2 ** 20;
const MINUTE_MS = 60_000;

/** The server's options about what it keeps. */
export const RECORDING_OPTIONS = {
  record: {
    type: "text",
    help: "Folder to record sessions in: an MCAP file each, and media files",
  },
  "record-points": {
    type: "choice",
    choices: ["pointcloud2", "cloudini"],
    default: "pointcloud2",
    help: "How clouds are recorded: decoded, or as they came",
  },
  "record-media": {
    type: "choice",
    choices: ["files", "raw", "none"],
    default: "files",
    help: "What is kept of sound and pictures beside the MCAP file",
  },
  "record-match": {
    type: "list",
    help: "Names of the sessions to record, such as 'robot-*' (all)",
  },
  "record-size": {
    type: "integer",
    min: 1,
    help: "MiB after which a recording goes on in another file",
  },
  "record-minutes": {
    type: "number",
    min: 0.05,
    help: "Minutes after which a recording goes on in another file",
  },
} as const;

type Values = OptionValues<typeof RECORDING_OPTIONS>;

/** @throws {UsageError} for options about recordings where none are made. */
export function checkRecordingOptions(options: Values): void {
  if (options.record !== undefined) return;
  const given = (["record-match", "record-size", "record-minutes"] as const)
    .find((name) => {
      const value = options[name];
      return Array.isArray(value) ? value.length > 0 : value !== undefined;
    });
  if (given === undefined) return;
  throw new UsageError(`--${given} needs --record FOLDER beside it`);
}

/**
 * Makes what records the sessions of a host; nothing where none are recorded.
 *
 * @throws {RecordingError} where `--record` names a folder that can't be used.
 */
export function openRecordings(
  options: Values,
  { host, logging, log }: {
    host: SessionHost;
    logging: { level: LogLevel; format: LogFormat };
    log: Logger;
  },
): Recordings | undefined {
  const { record: folder } = options;
  if (folder === undefined) return undefined;
  // The Worker would find out later.
  openRecordingFolder(folder);
  const size = options["record-size"];
  const minutes = options["record-minutes"];
  const recording: RecordingOptions = {
    folder,
    version: config.version,
    points: options["record-points"],
    media: options["record-media"],
    ...(size !== undefined && { maxBytes: size * MIB }),
    ...(minutes !== undefined && { maxMs: minutes * MINUTE_MS }),
  };
  const desk: RecordingDesk = mayStartWorkers(log)
    ? new WorkerRecordingDesk({ log: logging, options: recording }, log)
    : new LocalRecordingDesk(recording, log);
  const patterns = options["record-match"];
  const matches = (name: string) =>
    patterns.length === 0 ||
    patterns.some((pattern) => matchesName(pattern, name));
  return new Recordings({ host, desk, matches, log });
}
