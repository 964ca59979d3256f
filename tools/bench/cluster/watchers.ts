/**
 * Watchers of the cluster bench, many in one process, each of a session by its
 * name, by `follow()`. Arguments: the URL of the cluster's balancer, watchers,
 * the names with commas between.
 */
import { setTimeout as delay } from "node:timers/promises";
import { follow } from "../../../lib/playing/follow.ts";
import { isNewerNumber } from "../../../lib/wire/frame.ts";
import { sumOf, tell, WAITING_MS, type WatchersActivity } from "./activity.ts";

const [server, count, list] = Deno.args;
const names = list.split(",");
/** Between the first questions of two watchers. */
const APART_MS = 100;

class Watcher {
  #activity = none();
  #last: number | undefined;
  #lastAt = performance.now();
  /** Whether the next cloud is the first of another session. */
  #isElsewhere = false;

  look(): WatchersActivity {
    const gap = performance.now() - this.#lastAt;
    const isWaiting = this.#last === undefined || gap > WAITING_MS;
    return {
      ...this.#activity,
      longestGapMs: Math.max(gap, this.#activity.longestGapMs),
      waiting: isWaiting ? 1 : 0,
    };
  }

  restart(): void {
    this.#activity = none();
  }

  async run(session: string): Promise<void> {
    const onFrame = ({ number }: { number: number }) => this.#take(number);
    try {
      for await (const watched of follow({ server, session, onFrame })) {
        void watched.ended.then(() => {
          this.#isElsewhere = true;
          this.#activity.moved++;
        });
      }
      this.#activity.ended.push(`${session} ended`);
    } catch (error) {
      this.#activity.ended.push(String(error));
    }
  }

  #take(number: number): void {
    const activity = this.#activity;
    activity.longestGapMs = this.look().longestGapMs;
    this.#lastAt = performance.now();
    if (this.#last !== undefined && !isNewerNumber(number, this.#last)) {
      activity.again++;
      return;
    }
    activity.clouds++;
    const missed = number - (this.#last ?? number - 1) - 1;
    activity[this.#isElsewhere ? "missedBetween" : "missedWithin"] += missed;
    this.#isElsewhere = false;
    this.#last = number;
  }
}

function none(): WatchersActivity {
  return {
    clouds: 0,
    missedWithin: 0,
    missedBetween: 0,
    again: 0,
    longestGapMs: 0,
    moved: 0,
    ended: [],
    waiting: 0,
  };
}

const watchers = Array.from({ length: Number(count) }, () => new Watcher());
tell({
  look: () => sumOf(watchers.map((watcher) => watcher.look())),
  restart: () => watchers.forEach((watcher) => watcher.restart()),
});
for (const [i, watcher] of watchers.entries()) {
  void watcher.run(names[i % names.length]);
  await delay(APART_MS);
}
