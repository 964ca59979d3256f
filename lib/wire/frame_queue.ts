import { type Drain, DrainMeter } from "./drain_meter.ts";

/** What a frame queue sends over: a data channel, as far as it is used here. */
export interface FrameChannel {
  /** Where the channel is in its life. */
  readonly readyState: "connecting" | "open" | "closing" | "closed";
  /** Bytes that were handed over and have not left yet. */
  readonly bufferedAmount: number;
  /** Bytes at which it calls that few are left. */
  bufferedAmountLowThreshold: number;
  /** Whether it has not met the network's limit so far. @default {false} */
  readonly isStarting?: boolean;
  /** Takes one binary message, which must not be changed any more. */
  send(message: Uint8Array<ArrayBuffer>): void;
  /** Calls `listener` when few bytes are left, and when its state changes. */
  onChange(listener: () => void): void;
}

/** A frame that is being sent. */
export interface BegunFrame {
  /** Points that it is sent with. */
  points: number;
  /** Its messages, in order. */
  messages: Iterable<Uint8Array<ArrayBuffer>>;
  /** Called when all of them were handed to the channel. */
  onSent?(): void;
}

/** Counts since the channel was opened. */
export interface FrameQueueCounters {
  /** Frames whose every message was handed to the data channel. */
  framesSent: number;
  /**
   * Frames that newer ones took the place of, or that the channel's end cut.
   */
  framesDropped: number;
  /** Points of the frames sent. */
  pointsSent: number;
  /** Bytes of the frames sent, with their headers. */
  bytesSent: number;
}

/** What a frame queue asks of the frames in it. */
export interface FrameQueueOptions<F extends QueuedFrame> {
  /**
   * Makes the messages of a frame. It is called when the frame is begun, and
   * not again until all of them were taken: one that is dropped costs no work.
   */
  begin(frame: F): BegunFrame;
  /** About how many bytes a frame has, to tell what waits. */
  sizeOf(frame: F): number;
  /**
   * Span of capture times that may wait; a frame that waits longer behind
   * newer ones is dropped. @default {250} milliseconds
   */
  maxQueuedMs?: number;
  /**
   * Bytes that the data channel may hold, given the rate at which it drained
   * lately. What is in it can't be dropped any more. @default {highWaterBytes}
   */
  highWaterBytes?(bytesPerSecond: number): number;
  /** Nothing is sent until it settles; it doesn't reject. */
  ready?: Promise<void>;
  /**
   * The time, milliseconds of a clock that doesn't go back.
   * @default {performance.now}
   */
  now?(): number;
  /** Called for each frame that could not be sent, and why; it is dropped. */
  onError?(frame: F, error: unknown): void;
}

/** A frame that is to be sent. */
export interface QueuedFrame {
  /** When it was captured, milliseconds since the Unix epoch. */
  captureTime: number;
}

/** How often a sender may come for more, at worst: a busy process's timers. */
const REFILL_MS = 50;
const FIRST_HIGH_WATER_BYTES = 64 * 1024;
const MIN_HIGH_WATER_BYTES = 16 * 1024;
const MAX_HIGH_WATER_BYTES = 1024 * 1024;

/**
 * What a data channel is to hold: twice what it sends until it is filled again,
 * so that it never runs dry, and no more, since that is late already.
 */
export function highWaterBytes(bytesPerSecond: number): number {
  if (bytesPerSecond === 0) return FIRST_HIGH_WATER_BYTES;
  const bytes = 2 * bytesPerSecond * REFILL_MS / 1000;
  return Math.min(MAX_HIGH_WATER_BYTES, Math.max(MIN_HIGH_WATER_BYTES, bytes));
}

/**
 * The sending side of a points channel: a bounded queue of whole frames.
 *
 * What was begun is finished; what waits and has been overtaken by newer frames
 * for too long is dropped and counted. Memory stays bounded however slow the
 * network is.
 */
export class FrameQueue<F extends QueuedFrame> {
  /** What became of the frames so far. */
  readonly counters: FrameQueueCounters = {
    framesSent: 0,
    framesDropped: 0,
    pointsSent: 0,
    bytesSent: 0,
  };
  readonly #channel: FrameChannel;
  readonly #options: FrameQueueOptions<F>;
  readonly #drain = new DrainMeter();
  readonly #waiting: F[] = [];
  readonly #idleWaiters: (() => void)[] = [];
  #current: {
    frame: F;
    begun: BegunFrame;
    messages: Iterator<Uint8Array<ArrayBuffer>>;
    bytes: number;
  } | undefined;
  #isPumping = false;
  #isReady: boolean;
  #isStopped = false;

  /** Makes the queue of one channel, and listens to it. */
  constructor(channel: FrameChannel, options: FrameQueueOptions<F>) {
    this.#channel = channel;
    this.#options = options;
    this.#isReady = options.ready === undefined;
    void options.ready?.then(() => {
      this.#isReady = true;
      this.#pump();
    });
    channel.onChange(() => this.#pump());
  }

  /** Takes a frame: it is sent, now or soon, or counted as dropped. */
  send(frame: F): void {
    if (this.#isStopped) {
      this.counters.framesDropped++;
      return;
    }
    this.#waiting.push(frame);
    const { maxQueuedMs = 250 } = this.#options;
    while (this.#waiting.length > 1) {
      const waited = frame.captureTime - this.#waiting[0].captureTime;
      // Below 0 the clock was set back: it can't tell how long that one waited.
      if (waited >= 0 && waited < maxQueuedMs) break;
      this.#waiting.shift();
      this.counters.framesDropped++;
    }
    this.#pump();
  }

  /** Sends no more, not even what was begun: something else is to be said. */
  stop(): void {
    this.#isStopped = true;
    this.#dropAll();
    this.#settleIdle();
  }

  /** How fast the data channel drains, as of now. */
  get drain(): Drain {
    this.#measure();
    return this.#drain;
  }

  /** Whether the data channel has not met the network's limit so far. */
  get isStarting(): boolean {
    return this.#channel.isStarting ?? false;
  }

  /** Bytes that wait here or in the data channel. */
  get queuedBytes(): number {
    const { sizeOf } = this.#options;
    let bytes = this.#channel.bufferedAmount;
    if (this.#current) {
      bytes += sizeOf(this.#current.frame) - this.#current.bytes;
    }
    for (const frame of this.#waiting) bytes += sizeOf(frame);
    return Math.max(0, bytes);
  }

  /** Resolves when no frame waits or is in progress, or the channel closed. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#settleIdle();
    });
  }

  #settleIdle(): void {
    const { readyState } = this.#channel;
    if (readyState === "closing" || readyState === "closed") this.#dropAll();
    if (this.#current !== undefined || this.#waiting.length > 0) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  #pump(): void {
    // A sender that takes a message at once calls back from within send().
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      this.#fill();
    } finally {
      this.#isPumping = false;
    }
    this.#settleIdle();
  }

  #fill(): void {
    this.#measure();
    const { highWaterBytes: limit = highWaterBytes } = this.#options;
    const high = limit(this.#drain.bytesPerSecond);
    for (let frame; (frame = this.#next(high));) {
      try {
        this.#sendNext(frame);
      } catch (error) {
        this.#current = undefined;
        this.counters.framesDropped++;
        this.#options.onError?.(frame, error);
      }
    }
    this.#measure();
    // Where nothing waits, it tells when all has left: for the measurement.
    const isDone = this.#current === undefined && this.#waiting.length === 0;
    this.#channel.bufferedAmountLowThreshold = isDone ? 0 : high / 2;
  }

  /**
   * The frame that the data channel has room for. One is begun only when the
   * channel has half drained: until then a newer one may take its place.
   */
  #next(high: number): F | undefined {
    const { readyState, bufferedAmount } = this.#channel;
    if (readyState !== "open" || !this.#isReady) return;
    if (this.#current) {
      return bufferedAmount < high ? this.#current.frame : undefined;
    }
    return bufferedAmount <= high / 2 ? this.#waiting.shift() : undefined;
  }

  #measure(): void {
    const now = this.#options.now?.() ?? performance.now();
    this.#drain.update(now, this.#channel.bufferedAmount);
  }

  /** Sends the next message of a frame, or finishes it. */
  #sendNext(frame: F): void {
    const current = this.#current ??= this.#begin(frame);
    const next = current.messages.next();
    if (next.done) return this.#finish(current.begun);
    const message = next.value;
    current.bytes += message.length;
    this.#drain.handed(message.length);
    this.#channel.send(message);
  }

  #begin(frame: F) {
    const begun = this.#options.begin(frame);
    const messages = begun.messages[Symbol.iterator]();
    return { frame, begun, messages, bytes: 0 };
  }

  #dropAll(): void {
    this.counters.framesDropped += this.#waiting.length;
    if (this.#current) this.counters.framesDropped++;
    this.#waiting.length = 0;
    this.#current = undefined;
  }

  #finish({ points, onSent }: BegunFrame): void {
    this.counters.framesSent++;
    this.counters.pointsSent += points;
    this.counters.bytesSent += this.#current!.bytes;
    this.#current = undefined;
    onSent?.();
  }
}
