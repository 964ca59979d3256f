import { checksumCloud } from "../points/checksum.ts";
import { findField, type PointCloud } from "../points/cloud.ts";
import { FrameSizeError, PointsError } from "../points/errors.ts";
import {
  type EncodedFrame,
  type FrameInfo,
  isNewerNumber,
  POINTS_PROTOCOL,
} from "../wire/frame.ts";
import type { FrameDecoders } from "../wire/frame_decoders.ts";
import { FrameReader } from "../wire/frame_reader.ts";
import { FrameReassembler } from "../wire/frame_reassembler.ts";
import { numberReader } from "../points/field.ts";
import { isNpy } from "../points/npy/header.ts";
import { XYZ_LAYOUT } from "../points/raw/codec.ts";
import type { Logger } from "../log.ts";
import { LogThrottle } from "../limits/log_throttle.ts";
import { AckSender } from "./ack_sender.ts";
import type { PointsCounters } from "./points_counters.ts";
import type { ClockAsker } from "../wire/clock_asker.ts";
import type { Dialect } from "../wire/dialect.ts";
import {
  layoutOf,
  parseClientMessage,
  placeOf,
  type StreamPlace,
} from "../wire/messages.ts";
import type { SessionGuard } from "./session_guard.ts";

export interface PointsReceiverOptions {
  /** Name of the stream: the data channel's label. */
  stream: string;
  /** The data channel's protocol field: tells the dialect. */
  protocol: string;
  /** Sends a text message to the peer. */
  sendText(text: string): void;
  /** Counters to add to; the channels of one stream share them. */
  counters: PointsCounters;
  log: Logger;
  /** Logs what can't be read; a session's channels share it. */
  warnings?: LogThrottle;
  /** Holds the peer to its limits. @default none */
  guard?: SessionGuard;
  /** Decodes; a session's channels share it. @default {its own} */
  decoders?: FrameDecoders;
  /** Compares the publisher's clock; a session's channels share it. */
  clock?: ClockAsker;
  /** Called when the publisher says where the coordinates stand. */
  onPlace?(place: StreamPlace): void;
  /** Called for each whole frame, as it came. */
  onFrame?(frame: EncodedFrame): void;
  /**
   * Called for each whole frame with its values, which are valid until the next
   * one comes. Frames are decoded only for this event, for a peer that asks for
   * checksums, and for a log that shows debug messages.
   */
  onCloud?(cloud: PointCloud, frame: EncodedFrame): void;
}

/** Reads the messages of one points channel, in either dialect. */
export class PointsReceiver implements Disposable {
  readonly #options: PointsReceiverOptions;
  readonly #dialect: Dialect;
  readonly #reassembler: FrameReassembler;
  readonly #acks: AckSender | undefined;
  readonly #reader: FrameReader;
  readonly #warnings: LogThrottle;
  #verify = false;
  /** What is wrong with the message that is being read. */
  #mistake: PointsError | undefined;

  constructor(options: PointsReceiverOptions) {
    this.#options = options;
    this.#dialect = options.protocol === POINTS_PROTOCOL
      ? "pointwire"
      : "original";
    options.counters.dialect = this.#dialect;
    this.#warnings = options.warnings ?? new LogThrottle(options.log);
    const { framePoints, frameBytes } = options.guard?.limits ?? {};
    this.#reader = new FrameReader(options.stream, {
      maxBytes: frameBytes,
      decoders: options.decoders,
      clock: () => options.clock?.offset,
    });
    this.#reassembler = new FrameReassembler({
      maxFramePoints: framePoints,
      maxFrameBytes: frameBytes,
      held: options.guard?.held.share(),
      onFrame: (info, bytes) => this.#receiveFrame(info, bytes),
      onInvalid: (error) => this.invalid(error),
    });
    if (this.#dialect === "pointwire") {
      this.#acks = new AckSender(options.sendText);
      const { limits } = options.guard ?? {};
      this.#acks.hello(
        limits && {
          framePoints: limits.framePoints,
          frameBytes: limits.frameBytes,
        },
      );
    }
  }

  /**
   * Takes one message of the channel. Never throws for what a peer sent.
   *
   * @returns what is wrong with it, where it can't be read.
   */
  receive(message: Uint8Array | string): PointsError | undefined {
    this.#mistake = undefined;
    try {
      if (typeof message === "string") this.#receiveText(message);
      else if (this.#dialect === "pointwire") this.#reassembler.push(message);
      else this.#receiveWhole(message);
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      this.invalid(error);
    }
    return this.#mistake;
  }

  /** Stops the timer of the acknowledgements, and forgets what isn't whole. */
  [Symbol.dispose](): void {
    this.#reassembler.close();
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
      case "probe":
        return;
      case "time":
        return this.#options.clock?.take(message);
      case "fields":
        this.#reader.setLayout(layoutOf(message));
        return;
      case "stream": {
        const place = placeOf(message);
        this.#reader.setPlace(place);
        this.#options.onPlace?.(place);
        return;
      }
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
    // Its first value is wanted below; mostly that is a view of the message.
    const cloud = this.#reader.decode({ ...XYZ_LAYOUT, codec, bytes: message });
    const { data, ...shape } = cloud;
    const { points } = shape;
    if (points > framePoints) throw tooLarge("points", points, framePoints);
    if (data.length > frameBytes) {
      throw tooLarge("bytes", data.length, frameBytes);
    }
    this.#handOn({
      ...shape,
      number: numberOf(cloud) ?? this.#options.counters.frames,
      codec,
      captureTime: Date.now(),
      bytes: message,
      stream: this.#options.stream,
    }, cloud);
  }

  #receiveFrame(info: FrameInfo, bytes: Uint8Array): void {
    const frame = this.#reader.read(info, bytes);
    const cloud = this.#areValuesWanted
      ? this.#reader.decode(frame)
      : undefined;
    const { counters: { lastFrame } } = this.#options;
    if (lastFrame !== null && isNewerNumber(frame.number, lastFrame)) {
      this.#options.counters.skipped += (frame.number - lastFrame - 1) >>> 0;
    }
    const checksum = this.#verify ? checksumCloud(cloud!) : undefined;
    this.#handOn(frame, cloud, checksum);
    this.#acks?.received(frame, checksum);
  }

  get #areValuesWanted(): boolean {
    const { onCloud, log } = this.#options;
    return onCloud !== undefined || this.#verify || log.isEnabled("debug");
  }

  #handOn(frame: EncodedFrame, cloud?: PointCloud, checksum?: number): void {
    const { counters, guard, onFrame, onCloud } = this.#options;
    const { number, codec, points, bytes } = frame;
    counters.frames++;
    counters.points += points;
    counters.bytes += bytes.length;
    counters.lastFrame = number;
    counters.codec = codec;
    guard?.frame();
    if (cloud !== undefined) this.#logFrame(frame, cloud, checksum);
    onFrame?.(frame);
    if (cloud !== undefined) onCloud?.(cloud, frame);
  }

  #logFrame(
    { number, codec, points, bytes }: EncodedFrame,
    cloud: PointCloud,
    checksum?: number,
  ): void {
    const { log } = this.#options;
    if (!log.isEnabled("debug")) return;
    log.debug("points frame", {
      frame: number,
      points,
      bytes: bytes.length,
      codec,
      dialect: this.#dialect,
      checksum: checksum ?? checksumCloud(cloud),
    });
  }

  /** Counts what can't be read. */
  invalid(error: PointsError): void {
    this.#mistake = error;
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

/** The number that a cloud's first point carries, where it is one. */
function numberOf(cloud: PointCloud): number | undefined {
  const { data, points } = cloud;
  if (points === 0) return undefined;
  const { type, offset } = findField(cloud, "x")!;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const value = numberReader(type)(view, offset);
  return Number.isInteger(value) && value >= 0 ? value >>> 0 : undefined;
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
