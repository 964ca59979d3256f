import type { PublishedSession } from "../publishing/publish.ts";
import { type OptionValues, UsageError } from "./options.ts";

/** Seconds that a source which has no end of its own is sent for. */
const DEFAULT_DURATION_S = 10;

/** The client's options about how all its points are sent. */
export const PUBLISH_OPTIONS = {
  duration: {
    type: "number",
    min: 0,
    help: `Seconds to send for (${DEFAULT_DURATION_S}; a pipe or a followed ` +
      "folder is sent to its end); 0 goes on until stopped",
  },
  dialect: {
    type: "choice",
    choices: ["pointwire", "original"],
    default: "pointwire",
    help: "How points are put on the wire",
  },
  mtu: {
    type: "integer",
    min: 576,
    max: 65_535,
    help: "Largest IP packet to send, bytes (1280; larger where it is found " +
      "that the path takes them)",
  },
  reconnect: {
    type: "flag",
    default: true,
    help: "Connect again when the connection is lost",
  },
  "reconnect-for": {
    type: "number",
    min: 0,
    max: 1_000_000,
    default: 60,
    help: "Seconds after which that is given up",
  },
  adaptive: {
    type: "flag",
    default: true,
    help: "Send coarser and fewer points while the network can't keep up",
  },
  keys: {
    type: "flag",
    default: true,
    help: "Steer a bag by keys of the terminal: space, arrows, q, ...",
  },
  verify: {
    type: "flag",
    help: "Have the server prove what arrived, and compare with the source",
  },
} as const;

type Given = OptionValues<typeof PUBLISH_OPTIONS>;

/**
 * Holds the dialect against the streams that are to be sent in it.
 *
 * @throws {UsageError} where it has no room for them.
 */
export function checkDialect(
  { dialect }: Given,
  streams: readonly unknown[],
): void {
  if (dialect === "pointwire" || streams.length === 1) return;
  throw new UsageError(
    `--dialect ${dialect} has room for one --source, not ${streams.length}`,
  );
}

/**
 * Picks what `publish` takes of the options.
 *
 * @param isLive whether a source ends when whoever feeds it does.
 */
export function publishOptionsOf(given: Given, isLive: boolean): Pick<
  PublishedSession,
  | "duration"
  | "dialect"
  | "mtu"
  | "reconnectFor"
  | "adaptive"
  | "verify"
> {
  const { dialect, mtu, adaptive, verify } = given;
  const duration = given.duration ?? (isLive ? 0 : DEFAULT_DURATION_S);
  const reconnectFor = given.reconnect ? given["reconnect-for"] : 0;
  return { duration, dialect, mtu, reconnectFor, adaptive, verify };
}
