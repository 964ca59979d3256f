import config from "../../deno.json" with { type: "json" };
import { CaptureRecording } from "../hosting/capture_recording.ts";
import { LocalRecordingDesk } from "../hosting/recording_desk.ts";
import { Recordings } from "../hosting/recorded_host.ts";
import type { SessionHost } from "../hosting/session_host.ts";
import { SupervisedDesk } from "../hosting/supervised_desk.ts";
import { WorkerRecordingDesk } from "../hosting/worker_recording_desk.ts";
import type { LogFormat, Logger, LogLevel } from "../log.ts";
import {
  openRecordingFolder,
  type RecordingProgram,
} from "../recording/folder.ts";
import type { RecordingOptions } from "../recording/recording_options.ts";
import { matchesName } from "../session_name.ts";
import { mayStartWorkers } from "./hosting_options.ts";
import type { FileValues, RecordingValues } from "./recording_options.ts";

const MIB = 2 ** 20;
const MINUTE_MS = 60_000;

/**
 * Makes what records the sessions of a host; nothing where none are recorded.
 *
 * @throws {RecordingError} where `--record` names a folder that can't be used.
 */
export function openRecordings(
  options: RecordingValues,
  { host, ...logs }: Logs & { host: SessionHost },
): Recordings | undefined {
  const desk = openDesk(options, logs, "server");
  const { record: folder } = options;
  if (desk === undefined || folder === undefined) return undefined;
  const patterns = options["record-match"];
  const matches = (name: string) =>
    patterns.length === 0 ||
    patterns.some((pattern) => matchesName(pattern, name));
  return new Recordings({ host, desk, folder, matches, log: logs.log });
}

/**
 * Makes what records what a client captures; nothing where nothing is.
 *
 * @throws {RecordingError} where `--record` names a folder that can't be used.
 */
export function openCapture(
  options: FileValues,
  logs: Logs,
): CaptureRecording | undefined {
  const desk = openDesk(options, logs, "client");
  return desk && new CaptureRecording(desk);
}

/** How it is logged, here and in a Worker. */
interface Logs {
  logging: { level: LogLevel; format: LogFormat };
  log: Logger;
}

function openDesk(
  options: FileValues,
  { logging, log }: Logs,
  program: RecordingProgram,
): SupervisedDesk | undefined {
  const { record: folder } = options;
  if (folder === undefined) return undefined;
  // The Worker would find out later.
  openRecordingFolder(folder, program);
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
  const settings = { log: logging, options: recording };
  const open = mayStartWorkers(log)
    ? (onDeath: (why: string) => void) =>
      new WorkerRecordingDesk({ settings, onDeath })
    : () => new LocalRecordingDesk(recording, log);
  return new SupervisedDesk({ open, log });
}
