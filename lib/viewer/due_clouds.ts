/** Clouds of a recording that are not due yet. */
import type { RecordedItem } from "./recording_messages.ts";

export type RecordedCloud = Extract<RecordedItem, { kind: "cloud" }>;

/** Keeps clouds until they are due; of those of a stream the newest wins. */
export class DueClouds {
  #clouds: RecordedCloud[] = [];

  push(cloud: RecordedCloud): void {
    this.#clouds.push(cloud);
  }

  /** Takes the newest cloud of each stream that is due. */
  take(now: number): RecordedCloud[] {
    const newest = new Map<string, RecordedCloud>();
    const rest: RecordedCloud[] = [];
    for (const cloud of this.#clouds) {
      if (cloud.info.captureTime > now) rest.push(cloud);
      else newest.set(cloud.stream, cloud);
    }
    this.#clouds = rest;
    return [...newest.values()];
  }

  /** When the next one is due; nothing where none waits. */
  get next(): number {
    return this.#clouds.reduce(
      (next, { info }) => Math.min(next, info.captureTime),
      Infinity,
    );
  }

  clear(): void {
    this.#clouds = [];
  }
}
