/**
 * Publishers of the cluster bench, many in one process, each by `publish()`:
 * they go to other nodes as any client does. Arguments: the nodes' URLs with
 * commas between, publishers, points of a cloud, clouds a second, and what
 * their names begin with.
 */
import { setTimeout as delay } from "node:timers/promises";
import { createLogger } from "../../../lib/log.ts";
import { createEncoder } from "../../../lib/points/codecs.ts";
import { publish } from "../../../lib/publishing/publish.ts";
import type { PublishProgress } from "../../../lib/publishing/report.ts";
import { lidarSource } from "../../../lib/sources/synthetic/lidar.ts";
import { type PublishersActivity, sumOf, tell } from "./activity.ts";

const [urls, count, points, rate, prefix] = Deno.args;
const nodes = urls.split(",");
/** The same for all: making it is not what is measured. */
const cloud = lidarSource(Number(points)).next(0, 0);
/** Longer than a server's silence is taken for its end. */
const RECENT_MS = 10_000;
const log = createLogger({ level: "error" });

class Publisher {
  #activity = none();
  #sent = 0;
  #dropped = 0;
  #sentAt = performance.now();
  /** Clouds dropped of late, which an outage may turn out to have cost. */
  #behind: { at: number; clouds: number }[] = [];
  #wasOut = false;

  look(): PublishersActivity {
    const gap = performance.now() - this.#sentAt;
    const longestGapMs = Math.max(gap, this.#activity.longestGapMs);
    return { ...this.#activity, longestGapMs };
  }

  restart(): void {
    this.#activity = none();
  }

  async run(index: number): Promise<void> {
    const node = nodes[index % nodes.length];
    try {
      const { failure } = await publish({
        signaling: `${node}/offer`,
        name: `${prefix}-${index}`,
        source: { next: () => this.#capture() },
        encoder: createEncoder("cloudini", {
          resolutions: { intensity: 0.01 },
        }),
        rate: Number(rate),
        log,
        onProgress: (progress) => this.#note(progress),
      });
      this.#activity.ended.push(failure ?? "its source ended");
    } catch (error) {
      this.#activity.ended.push(String(error));
    }
  }

  #capture() {
    this.#activity.captured++;
    return cloud;
  }

  #note({ framesSent, framesDropped, outage }: PublishProgress): void {
    const now = performance.now();
    const sent = framesSent - this.#sent;
    const dropped = framesDropped - this.#dropped;
    this.#activity.sent += sent;
    if (outage === undefined && !this.#wasOut) {
      this.#activity.droppedBehind += dropped;
      if (dropped > 0) this.#behind.push({ at: now, clouds: dropped });
      this.#behind = this.#behind.filter(({ at }) => now - at < RECENT_MS);
    } else {
      this.#activity.droppedUnconnected += dropped;
      this.#blame(now - 1000 * (outage?.seconds ?? 0));
    }
    if (sent > 0) {
      this.#activity.longestGapMs = this.look().longestGapMs;
      this.#sentAt = now;
    }
    [this.#sent, this.#dropped] = [framesSent, framesDropped];
    this.#wasOut = outage !== undefined;
  }

  /** An outage is noticed late: what was dropped since it began is its. */
  #blame(since: number): void {
    for (const { at, clouds } of this.#behind) {
      if (at < since) continue;
      this.#activity.droppedBehind -= clouds;
      this.#activity.droppedUnconnected += clouds;
    }
    this.#behind = [];
  }
}

function none(): PublishersActivity {
  return {
    captured: 0,
    sent: 0,
    droppedUnconnected: 0,
    droppedBehind: 0,
    longestGapMs: 0,
    ended: [],
  };
}

const publishers = Array.from({ length: Number(count) }, () => new Publisher());
tell({
  look: () => sumOf(publishers.map((publisher) => publisher.look())),
  restart: () => publishers.forEach((publisher) => publisher.restart()),
});
for (const [i, publisher] of publishers.entries()) {
  void publisher.run(i);
  // Clouds of all at one moment would be a load of another kind.
  await delay(1000 / Number(rate) / publishers.length + 50);
}
