import type { PointsErrorReason } from "../points/errors.ts";
import type { StreamPlace } from "../wire/messages.ts";
import { noPoints, type PointsCounters } from "./points_counters.ts";
import {
  type PointsSnapshot,
  type StreamSnapshot,
  summarizePoints,
} from "./snapshot.ts";

/** Most characters of a stream's name. */
const MAX_NAME_CHARACTERS = 64;
/** Streams that a snapshot has: all who watch are sent it once a second. */
const MAX_SHOWN = 32;

/** One stream of a session: what comes on the channels of its name. */
export interface SessionStream {
  readonly name: string;
  readonly counters: PointsCounters;
  /** Where its coordinates stand, as far as its publisher says. */
  place: StreamPlace;
}

/** The streams of one session, in the order in which they came. */
export class SessionStreams {
  readonly #streams = new Map<string, SessionStream>();
  /** Numbers that streams of the session before ended at. */
  #lastFrames: ReadonlyMap<string, number> = new Map();

  /** The stream of a data channel, by its label. */
  of(label: string): SessionStream {
    const name = label.slice(0, MAX_NAME_CHARACTERS);
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const counters = noPoints();
    counters.lastFrame = this.#lastFrames.get(name) ?? null;
    const stream = { name, counters, place: {} };
    this.#streams.set(name, stream);
    return stream;
  }

  /** Goes on where the streams of another session ended. */
  continueAfter(lastFrames: ReadonlyMap<string, number>): void {
    this.#lastFrames = lastFrames;
    for (const { name, counters } of this.#streams.values()) {
      counters.lastFrame ??= lastFrames.get(name) ?? null;
    }
  }

  /** Number of the newest frame of each stream that has one. */
  get lastFrames(): Map<string, number> {
    const numbers = new Map(this.#lastFrames);
    for (const { name, counters: { lastFrame } } of this.#streams.values()) {
      if (lastFrame !== null) numbers.set(name, lastFrame);
    }
    return numbers;
  }

  /** Encoded bytes of all streams. */
  get bytes(): number {
    let sum = 0;
    for (const { counters } of this.#streams.values()) sum += counters.bytes;
    return sum;
  }

  /** The counts of all streams together; the first one's state. */
  get total(): PointsSnapshot {
    const all = [...this.#streams.values()].map(({ counters }) => counters);
    // A channel that nothing came over says nothing of the others.
    const used = all.filter(({ frames }) => frames > 0);
    const unused = all.filter(({ frames }) => frames === 0);
    return summarizePoints([...used, ...unused].reduce(addPoints, noPoints()));
  }

  /** Those that have said or sent anything, the first 32 of them. */
  snapshot(): StreamSnapshot[] {
    return [...this.#streams.values()]
      .filter(({ counters, place }) =>
        counters.frames + counters.invalid > 0 || Object.keys(place).length > 0
      )
      .slice(0, MAX_SHOWN)
      .map(({ name, counters, place }) => ({
        name,
        ...place,
        ...summarizePoints(counters),
      }));
  }
}

function addPoints(a: PointsCounters, b: PointsCounters): PointsCounters {
  const invalidReasons = { ...a.invalidReasons };
  for (const [reason, count] of Object.entries(b.invalidReasons)) {
    const known = reason as PointsErrorReason;
    invalidReasons[known] = (invalidReasons[known] ?? 0) + count;
  }
  return {
    frames: a.frames + b.frames,
    points: a.points + b.points,
    bytes: a.bytes + b.bytes,
    skipped: a.skipped + b.skipped,
    invalid: a.invalid + b.invalid,
    invalidReasons,
    lastFrame: a.lastFrame ?? b.lastFrame,
    codec: a.codec ?? b.codec,
    dialect: a.dialect ?? b.dialect,
  };
}
