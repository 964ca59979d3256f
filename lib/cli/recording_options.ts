import { type OptionValues, UsageError } from "./options.ts";

/** The options about how recordings are made. */
const FILE_OPTIONS = {
  record: {
    type: "text",
    help: "Folder to record in: an MCAP file a session, and media files",
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

/** The client's options about what it keeps of what it captures. */
export const CAPTURE_OPTIONS = FILE_OPTIONS;

/** The server's options about what it keeps. */
export const RECORDING_OPTIONS = {
  ...FILE_OPTIONS,
  "record-match": {
    type: "list",
    help: "Names of the sessions to record, such as 'robot-*' (all)",
  },
} as const;

/** What their values are. */
export type FileValues = OptionValues<typeof FILE_OPTIONS>;
export type RecordingValues = OptionValues<typeof RECORDING_OPTIONS>;

/** @throws {UsageError} for options about recordings where none are made. */
export function checkRecordingOptions(
  options: FileValues & Partial<Pick<RecordingValues, "record-match">>,
): void {
  if (options.record !== undefined) return;
  const given = (["record-match", "record-size", "record-minutes"] as const)
    .find((name) => {
      const value = options[name];
      return Array.isArray(value) ? value.length > 0 : value !== undefined;
    });
  if (given === undefined) return;
  throw new UsageError(`--${given} needs --record FOLDER beside it`);
}
