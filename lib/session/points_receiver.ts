import { checksumF32 } from "../points/checksum.ts";
import type { PointCloud } from "../points/cloud.ts";
import { FrameSizeError, PointsError } from "../points/errors.ts";
import {
  type EncodedFrame,
  type FrameInfo,
  isNewerFrame,
  joinParts,
  POINTS_PROTOCOL,
} from "../wire/frame.ts";
import { FrameDecoders } from "../wire/frame_decoders.ts";
import { FrameReassembler } from "../wire/frame_reassembler.ts";
import { isNpy } from "../points/npy/header.ts";
import type { Logger } from "../log.ts";
import { LogThrottle } from "../limits/log_throttle.ts";
import { AckSender } from "./ack_sender.ts";
import type { PointsCounters } from "./points_counters.ts";
import type { Dialect } from "../wire/dialect.ts";
import { parseClientMessage } from "../wire/messages.ts";
import type { SessionGuard } from "./session_guard.ts";

/**
 * A cloud that came whole, encoded as it came and decoded. The decoded values
 * are valid until the next one comes: copy what is to be kept.
 */
export type ReceivedCloud = FrameInfo & PointCloud & {
  dialect: Dialect;
  /** The encoded cloud as it came; it doesn't change. */
  encoded: Uint8Array;
};

export interface PointsReceiverOptions {
  /** The data channel's protocol field: tells the dialect. */
  protocol: string;
  /** Sends a text message to the peer. */
  sendText(text: string): void;
  /** Counters to add to; a session's channels share them. */
  counters: PointsCounters;
  log: Logger;
  /** Logs what can't be read; a session's channels share it. */
  warnings?: LogThrottle;
  /** Holds the peer to its limits. @default none */
  guard?: SessionGuard;
  onCloud?(cloud: ReceivedCloud): void;
}

/** Reads the messages of one points channel, in either dialect. */
export class PointsReceiver implements Disposable {
  readonly #options: PointsReceiverOptions;
  readonly #dialect: Dialect;
  readonly #reassembler: FrameReassembler;
  readonly #acks: AckSender | undefined;
  readonly #decoders = new FrameDecoders();
  readonly #warnings: LogThrottle;
  #verify = false;

  constructor(options: PointsReceiverOptions) {
    this.#options = options;
    this.#dialect = options.protocol === POINTS_PROTOCOL
      ? "pointwire"
      : "original";
    options.counters.dialect = this.#dialect;
    this.#warnings = options.warnings ?? new LogThrottle(options.log);
    const { framePoints, frameBytes } = options.guard?.limits ?? {};
    this.#reassembler = new FrameReassembler({
      maxFramePoints: framePoints,
      maxFrameBytes: frameBytes,
      onFrame: (frame) => this.#onFrame(frame),
      onInvalid: (error) => this.#onInvalid(error),
    });
    if (this.#dialect === "pointwire") {
      this.#acks = new AckSender(options.sendText);
      this.#acks.hello();
    }
  }

  /** Takes one message of the channel. Never throws for what a peer sent. */
  receive(message: Uint8Array | string): void {
    try {
      if (typeof message === "string") this.#receiveText(message);
      else if (this.#dialect === "pointwire") this.#reassembler.push(message);
      else this.#receiveWhole(message);
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      this.#onInvalid(error);
    }
  }

  /** Stops the timer of the acknowledgements. */
  [Symbol.dispose](): void {
    this.#acks?.[Symbol.dispose]();
  }

  #receiveText(text: string): void {
    const message = this.#dialect === "pointwire"
      ? parseClientMessage(text)
      : undefined;
    switch (message?.type) {
      case "verify":
        this.#verify = true;
        return;
      case "fields":
        this.#decoders.setFields(message.fields);
        return;
    }
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    throw new PointsError(
      "text",
      `A text message came where points are due: ${JSON.stringify(shown)}`,
    );
  }

  /** The original's dialect: a message is a cloud, raw float32 or `.npy`. */
  #receiveWhole(message: Uint8Array): void {
    if (message.length === 0) {
      throw new PointsError(
        "empty",
        "Cannot read points: the message is empty",
      );
    }
    const { framePoints = Infinity, frameBytes = Infinity } =
      this.#options.guard?.limits ?? {};
    if (message.length > frameBytes) {
      throw tooLarge("bytes", message.length, frameBytes);
    }
    const codec = isNpy(message) ? "npy" : "f32";
    const cloud = this.#decoders.decode(codec, message);
    if (cloud.points > framePoints) {
      throw tooLarge("points", cloud.points, framePoints);
    }
    const number = cloud.values[0];
    this.#count({
      ...cloud,
      dialect: "original",
      codec,
      // Its first point carries the frame number, where it is one.
      frame: Number.isInteger(number) && number >= 0
        ? number >>> 0
        : this.#options.counters.frames,
      captureTime: Date.now(),
      encoded: message,
    });
  }

  #onFrame(frame: EncodedFrame): void {
    const encoded = joinParts(frame);
    const cloud = this.#decoders.decode(frame.codec, encoded);
    if (cloud.points !== frame.points) {
      throw new PointsError(
        "header",
        `Frame ${frame.frame} says ${frame.points} points and holds ` +
          `${cloud.points}`,
      );
    }
    const { lastFrame } = this.#options.counters;
    if (lastFrame !== null && isNewerFrame(frame.frame, lastFrame)) {
      this.#options.counters.skipped += (frame.frame - lastFrame - 1) >>> 0;
    }
    const checksum = this.#verify ? checksumF32(cloud.values) : undefined;
    const { frame: number, codec, captureTime } = frame;
    this.#count(
      {
        ...cloud,
        frame: number,
        codec,
        captureTime,
        dialect: "pointwire",
        encoded,
      },
      checksum,
    );
    this.#acks?.received(frame, checksum);
  }

  #count(cloud: ReceivedCloud, checksum?: number): void {
    const { counters, log } = this.#options;
    counters.frames++;
    counters.points += cloud.points;
    counters.bytes += cloud.encoded.length;
    counters.lastFrame = cloud.frame;
    counters.codec = cloud.codec;
    this.#options.guard?.frame();
    if (log.enabled("debug")) {
      log.debug("points frame", {
        frame: cloud.frame,
        points: cloud.points,
        bytes: cloud.encoded.length,
        codec: cloud.codec,
        dialect: cloud.dialect,
        checksum: checksum ?? checksumF32(cloud.values),
      });
    }
    this.#options.onCloud?.(cloud);
  }

  #onInvalid(error: PointsError): void {
    const { counters, guard } = this.#options;
    counters.invalid++;
    counters.invalidReasons[error.reason] =
      (counters.invalidReasons[error.reason] ?? 0) + 1;
    this.#warnings.warn("invalid points message", {
      reason: error.reason,
      error,
    });
    if (error instanceof FrameSizeError) {
      guard?.broken(`frame-${error.what}`, lowerFirst(error.message));
    } else guard?.invalid(lowerFirst(error.message));
  }
}

function tooLarge(
  what: FrameSizeError["what"],
  count: number,
  most: number,
): FrameSizeError {
  return new FrameSizeError(
    what,
    `A message has ${count} ${what}, and at most ${most} are taken`,
  );
}

/** Makes a clause of a sentence. */
function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
