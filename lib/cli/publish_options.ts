import type { Logger } from "../log.ts";
import { type CloudEncoder, FRAME_CODECS } from "../points/codec.ts";
import { createEncoder } from "../points/codecs.ts";
import { DEFAULT_RATE, type PublishOptions } from "../publishing/publish.ts";
import type { OptionValues } from "./options.ts";

/** The client's options about how points are sent. */
export const PUBLISH_OPTIONS = {
  codec: {
    type: "choice",
    choices: FRAME_CODECS,
    default: "cloudini",
    help: "How points are encoded in the pointwire dialect",
  },
  resolution: {
    type: "number",
    min: 1e-9,
    max: 1e9,
    default: 0.001,
    help: "Step that cloudini rounds to, metres",
  },
  rate: {
    type: "number",
    min: 0.001,
    max: 1000,
    help: `Frames a second (${DEFAULT_RATE}; standard input sets its own pace)`,
  },
  duration: {
    type: "number",
    min: 0,
    default: 10,
    help: "Seconds to send for; 0 goes on until stopped",
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
    help: "Send coarser and fewer points while the network can't keep up",
  },
  verify: {
    type: "flag",
    help: "Have the server prove that every value arrived",
  },
} as const;

type Given = OptionValues<typeof PUBLISH_OPTIONS>;

/** Picks what `publish` takes of the options. */
export function publishOptionsOf(given: Given): Pick<
  PublishOptions,
  | "rate"
  | "duration"
  | "dialect"
  | "mtu"
  | "reconnectFor"
  | "adaptive"
  | "verify"
> {
  const { rate, duration, dialect, mtu, adaptive, verify } = given;
  const reconnectFor = given.reconnect ? given["reconnect-for"] : 0;
  return { rate, duration, dialect, mtu, reconnectFor, adaptive, verify };
}

/** Makes the encoder that the options name. */
export function createEncoderOf(
  { codec, resolution }: Given,
  log: Logger,
): CloudEncoder {
  return createEncoder(codec, {
    resolution,
    onFallback: (why) =>
      log.warn("frames go as raw float32, which holds all values", { why }),
  });
}
