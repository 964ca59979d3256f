/** Connections of an uplink that a test makes, breaks and looks into. */
import { createLogger } from "../../lib/log.ts";
import { pointCloud } from "../../lib/points/cloud.ts";
import { AckTracker } from "../../lib/publishing/ack_tracker.ts";
import type { Attempt } from "../../lib/publishing/connect.ts";
import type { ConnectionEnd } from "../../lib/publishing/connection.ts";
import type { CapturedFrame } from "../../lib/publishing/points_sender.ts";
import type {
  UplinkConnection,
  UplinkOptions,
} from "../../lib/publishing/uplink.ts";
import type { Dialect } from "../../lib/wire/dialect.ts";
import { noFrames } from "../../lib/publishing/totals.ts";
import { FakeClock, turn } from "../fake_clock.ts";

/** One point, as frame `number`. */
export function frame(number: number): CapturedFrame {
  const cloud = pointCloud(Float32Array.of(number, 0, 0));
  return { number, captureTime: 1000 * number, cloud };
}

/** Sends each frame at once; nothing is acknowledged but by the test's word. */
export class FakeConnection implements UplinkConnection {
  readonly session?: string;
  readonly name = "pi-2";
  readonly dialect: Dialect;
  /** The first stream. */
  readonly points;
  readonly streams;
  readonly packets = { video: 0, audio: 0 };
  readonly roundTripMs = 20;
  readonly ended: Promise<ConnectionEnd>;
  readonly sentAway: Promise<string>;
  readonly #ended = Promise.withResolvers<ConnectionEnd>();
  readonly #sentAway = Promise.withResolvers<string>();
  /** Numbers of the frames that it took. */
  readonly sent: number[] = [];
  heardAt = 0;
  framesDroppedInSilence = 0;
  isOpen = true;
  isAdapting = true;

  constructor(session?: string, dialect: Dialect = "pointwire") {
    this.session = session;
    this.ended = this.#ended.promise;
    this.sentAway = this.#sentAway.promise;
    this.dialect = dialect;
    this.points = fakeStream();
    this.streams = [this.points, fakeStream()];
  }

  get framesUndelivered(): number {
    return this.sent.length - this.points.tracker.framesAcked;
  }

  send({ number, cloud }: CapturedFrame, stream = 0): void {
    this.sent.push(number);
    const { counters } = this.streams[stream];
    counters.framesSent++;
    counters.pointsSent += cloud.points;
    counters.bytesSent += cloud.data.length;
  }

  updateAcked(): void {}

  setAdapting(isAdapting: boolean): void {
    this.isAdapting = isAdapting;
  }

  /** Has the receiver acknowledge so many frames. */
  acknowledge(frames: number): void {
    this.points.tracker.framesAcked = frames;
  }

  /** Ends it; a new connection may do better, or may not. */
  async end(why: string, comesBack = true): Promise<void> {
    this.#ended.resolve({ why, comesBack });
    await turn();
  }

  /** Has it go to another server. */
  async sendAway(why: string): Promise<void> {
    this.#sentAway.resolve(why);
    await turn();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isOpen = false;
    return Promise.resolve();
  }
}

function fakeStream() {
  return {
    queuedBytes: 7,
    unsendable: undefined as string | undefined,
    tracker: new AckTracker(),
    counters: noFrames(),
  };
}

/** An attempt at a connection, which ends as the test says. */
export interface FakeAttempt extends Attempt {
  /** When it was made, by the test's clock. */
  at: number;
  signal: AbortSignal;
  succeed(connection: FakeConnection): Promise<void>;
  fail(error: Error): Promise<void>;
}

/** A clock, attempts, and the options of an uplink that has them. */
export function fakeNetwork(options: Partial<UplinkOptions> = {}) {
  const clock = new FakeClock();
  const attempts: FakeAttempt[] = [];
  const lines: string[] = [];
  const uplinkOptions: UplinkOptions = {
    connect(attempt, signal) {
      const made = Promise.withResolvers<UplinkConnection>();
      signal.addEventListener("abort", () => made.reject(signal.reason));
      attempts.push({
        ...attempt,
        at: clock.now(),
        signal,
        async succeed(connection) {
          made.resolve(connection);
          await turn();
        },
        async fail(error) {
          made.reject(error);
          await turn();
        },
      });
      return made.promise;
    },
    signaling: "http://server/offer",
    dialect: "pointwire",
    machine: "pi",
    reconnectForMs: 60_000,
    clock,
    log: createLogger({ write: (line) => lines.push(line) }),
    ...options,
  };
  return { clock, attempts, lines, options: uplinkOptions };
}
