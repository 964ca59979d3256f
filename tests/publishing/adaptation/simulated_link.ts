/**
 * A points channel over a simulated link, with the controller that adapts to
 * it. Its clock is its own: a simulated minute takes some milliseconds.
 */
import { RawEncoder } from "../../../lib/points/raw/codec.ts";
import { Adaptation } from "../../../lib/publishing/adaptation/adaptation.ts";
import type {
  AdaptationLevel,
  Steps,
} from "../../../lib/publishing/adaptation/levels.ts";
import { FrameQueue } from "../../../lib/wire/frame_queue.ts";
import { FakeChannel } from "../../wire/fake_channel.ts";

export interface Simulation {
  seconds: number;
  /** Bytes a second that the link takes, at a time in seconds. */
  rate(seconds: number): number;
  /** Frames a second. @default {4} */
  framesPerSecond?: number;
  /** Bytes of a frame when all is sent. @default {300_000} */
  frameBytes?: number;
  /** How much frames and the link differ from their means. @default {0} */
  noise?: number;
  /** Bytes that the transport and the network take at once. @default {0} */
  networkBuffer?: number;
  /** Bytes that remain of a frame with steps twice as large. @default {0.87} */
  coarserBytes?: number;
  /** Bytes of a frame go with this power of its points. @default {1} */
  sharePower?: number;
  /** @default {steps that can be coarser} */
  steps?: Steps;
}

/** Of each second: what was sent, what was dropped, and the level at its end. */
export interface SimulatedSecond {
  bytesThrough: number;
  framesSent: number;
  framesDropped: number;
  changes: number;
  level: AdaptationLevel;
}

export const STEPS: Steps = {
  resolution: 0.001,
  coarser: () => new RawEncoder("raw"),
};

const STEP_MS = 5;
const MESSAGE_BYTES = 16 * 1024 - 28;
const BYTES = new Uint8Array(MESSAGE_BYTES);

export function simulate(simulation: Simulation): SimulatedSecond[] {
  const { framesPerSecond = 4, frameBytes = 300_000, noise = 0 } = simulation;
  const { networkBuffer = 0, coarserBytes = 0.87 } = simulation;
  const { sharePower = 1 } = simulation;
  const adaptation = new Adaptation(simulation.steps ?? STEPS);
  const channel = new FakeChannel();
  const random = noisy(noise);

  const messages = function* () {
    const { resolutionFactor, pointShare } = adaptation.level;
    let bytes = frameBytes * random() * pointShare ** sharePower *
      coarserBytes ** Math.log2(resolutionFactor);
    adaptation.begun(channel.now, bytes);
    for (; bytes > 0; bytes -= MESSAGE_BYTES) {
      yield BYTES.subarray(0, Math.min(bytes, MESSAGE_BYTES));
    }
  };
  const points = new FrameQueue(channel, {
    begin: () => ({ points: 1, messages: messages() }),
    sizeOf: () => frameBytes,
    now: () => channel.now,
  });

  const seconds: SimulatedSecond[] = [];
  let framesOffered = 0;
  let inNetwork = 0;
  let through = 0;
  let factor = 1;
  for (let ms = 0; ms < simulation.seconds * 1000; ms += STEP_MS) {
    channel.now = ms;
    if (ms % 100 === 0) factor = random();
    const taken = simulation.rate(ms / 1000) * factor * STEP_MS / 1000;
    const before = inNetwork;
    inNetwork = Math.max(0, inNetwork - taken);
    through += before - inNetwork;
    const room = Math.max(networkBuffer, taken) - inNetwork;
    const enters = Math.min(channel.bufferedAmount, room);
    inNetwork += enters;
    if (enters > 0) channel.drain(channel.bufferedAmount - enters);
    if (ms * framesPerSecond / 1000 >= framesOffered) {
      framesOffered++;
      points.send({ captureTime: ms });
      const { bytesLeft, busyMs } = points.drain;
      const { framesDropped } = points.counters;
      adaptation.update({
        now: ms,
        ...{ framesOffered, framesDropped, bytesLeft, busyMs },
      });
    }
    if ((ms + STEP_MS) % 1000 === 0) {
      seconds.push({
        bytesThrough: through,
        framesSent: points.counters.framesSent,
        framesDropped: points.counters.framesDropped,
        changes: adaptation.summary(ms).changes,
        level: adaptation.level,
      });
    }
  }
  return perSecond(seconds);
}

/** Turns counts since the start into counts of each second. */
function perSecond(totals: SimulatedSecond[]): SimulatedSecond[] {
  return totals.map((now, i) => {
    const before = totals[i - 1];
    const since = (
      name: "bytesThrough" | "framesSent" | "framesDropped" | "changes",
    ) => now[name] - (before?.[name] ?? 0);
    return {
      bytesThrough: since("bytesThrough"),
      framesSent: since("framesSent"),
      framesDropped: since("framesDropped"),
      changes: since("changes"),
      level: now.level,
    };
  });
}

/** Factors around 1, the same in every run: mulberry32. */
function noisy(amount: number): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    const uniform = ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    return 1 + amount * (2 * uniform - 1);
  };
}
