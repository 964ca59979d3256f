import type { Logger } from "../log.ts";
import { type CloudEncoder, FRAME_CODECS } from "../points/codec.ts";
import { createEncoder } from "../points/codecs.ts";
import type { PublishOptions } from "../publishing/publish.ts";
import { DEFAULT_RATE } from "../sources/source.ts";
import type { OptionValues } from "./options.ts";
import { readResolutions, RESOLUTION_OPTION } from "./resolution_option.ts";

/** Seconds that a source which has no end of its own is sent for. */
const DEFAULT_DURATION_S = 10;

/** The client's options about how points are sent. */
export const PUBLISH_OPTIONS = {
  codec: {
    type: "choice",
    choices: FRAME_CODECS,
    default: "cloudini",
    help: "How points are encoded in the pointwire dialect",
  },
  ...RESOLUTION_OPTION,
  rate: {
    type: "number",
    min: 0.001,
    max: 1000,
    help: `Frames a second (${DEFAULT_RATE}; a pipe or a followed folder ` +
      "sets its own pace)",
  },
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
    help: "Largest IP packet to send, bytes (1280; larger on one machine)",
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
  verify: {
    type: "flag",
    help: "Have the server prove what arrived, and compare with the source",
  },
} as const;

type Given = OptionValues<typeof PUBLISH_OPTIONS>;

/**
 * Picks what `publish` takes of the options.
 *
 * @param isLive whether the source ends when whoever feeds it does.
 */
export function publishOptionsOf(given: Given, isLive: boolean): Pick<
  PublishOptions,
  | "rate"
  | "duration"
  | "dialect"
  | "mtu"
  | "reconnectFor"
  | "adaptive"
  | "verify"
> {
  const { rate, dialect, mtu, adaptive, verify } = given;
  const duration = given.duration ?? (isLive ? 0 : DEFAULT_DURATION_S);
  const reconnectFor = given.reconnect ? given["reconnect-for"] : 0;
  return { rate, duration, dialect, mtu, reconnectFor, adaptive, verify };
}

/**
 * Makes the encoder that the options name.
 *
 * @throws {UsageError} for a resolution that can't be read.
 */
export function createEncoderOf(
  { codec, resolution }: Given,
  log: Logger,
): CloudEncoder {
  return createEncoder(codec, {
    ...readResolutions(resolution),
    onFallback: (why) =>
      log.warn("frames go as raw bytes, which hold all values", { why }),
  });
}
