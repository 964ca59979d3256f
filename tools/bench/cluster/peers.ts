/** The publishers and watchers of the cluster bench, and what they tell. */
import { setTimeout as delay } from "node:timers/promises";
import type { SessionSnapshot } from "../../../lib/session/snapshot.ts";
import { until } from "../../../tests/support.ts";
import { getJson } from "../../processes.ts";
import {
  type PublishersActivity,
  startTold,
  sumOf,
  type Told,
  WAITING_MS,
  type WatchersActivity,
} from "./activity.ts";

export interface PeersOptions {
  publishers: number;
  watchers: number;
  /** Of each cloud. */
  points: number;
  /** Clouds a second of each publisher. */
  rate: number;
}

/** What all did since they were last asked. */
export interface Activity {
  publishers: PublishersActivity;
  watchers: WatchersActivity;
}

/** What all their names begin with. */
const PREFIX = "robot";
/** For clouds to come to all who wait for them: what takes longer, fails. */
const SETTLE_MS = 120_000;

/** Publishers in one process, and watchers in as many as there are nodes. */
export class Peers implements AsyncDisposable {
  readonly #publishers: Told<PublishersActivity>;
  readonly #watchers: Told<WatchersActivity>[];

  private constructor(
    publishers: Told<PublishersActivity>,
    watchers: Told<WatchersActivity>[],
  ) {
    this.#publishers = publishers;
    this.#watchers = watchers;
  }

  /**
   * Starts them, and waits until clouds come to all watchers.
   *
   * @param urls the nodes, for publishers.
   * @param balancer in front of them, for watchers.
   */
  static async start(
    urls: readonly string[],
    balancer: string,
    { publishers, watchers, points, rate }: PeersOptions,
  ): Promise<Peers> {
    await using started = new AsyncDisposableStack();
    const sending = started.use(
      await startTold<PublishersActivity>("publishers.ts", [
        ...[urls.join(","), `${publishers}`, `${points}`, `${rate}`, PREFIX],
      ]),
    );
    await until(
      async () => await sessionsAt(urls) >= publishers,
      { what: "all publishers' sessions", within: SETTLE_MS },
    );
    const watching: Told<WatchersActivity>[] = [];
    for (const i of urls.keys()) {
      const args = [
        balancer,
        ...sharesOf({ publishers, watchers }, i, urls.length),
      ];
      const process = await startTold<WatchersActivity>("watchers.ts", args);
      watching.push(started.use(process));
    }
    const peers = new Peers(sending, watching);
    await peers.settled();
    started.move();
    return peers;
  }

  /** Waits until clouds come to all watchers, or they gave up. */
  async settled(): Promise<void> {
    // Who lost its session just now does not count as waiting before.
    await delay(WAITING_MS);
    await until(async () => {
      const told = await Promise.all(this.#watchers.map((each) => each.look()));
      const { waiting, ended } = sumOf(told);
      return waiting <= ended.length;
    }, { what: "clouds at all watchers", within: SETTLE_MS });
  }

  /** Tells what they did since this was last asked. */
  async take(): Promise<Activity> {
    const [publishers, ...watchers] = await Promise.all([
      this.#publishers.take(),
      ...this.#watchers.map((each) => each.take()),
    ]);
    return { publishers, watchers: sumOf(watchers) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [this.#publishers, ...this.#watchers]
        .map((each) => each[Symbol.asyncDispose]()),
    );
  }
}

/** Least sessions that any of the nodes lists, with clouds. */
async function sessionsAt(urls: readonly string[]): Promise<number> {
  const lists = await Promise.all(
    urls.map((url) => getJson<SessionSnapshot[]>(`${url}/sessions`)),
  );
  return Math.min(
    ...lists.map((list) =>
      list.filter(({ state }) => state === "connected").length
    ),
  );
}

/** How many watch in one of the processes, and which names, in turn. */
function sharesOf(
  { publishers, watchers }: { publishers: number; watchers: number },
  process: number,
  processes: number,
): [string, string] {
  const own = Array.from({ length: watchers }, (_, i) => i)
    .filter((i) => i % processes === process);
  const names = own.map((i) =>
    `${PREFIX}-${Math.floor(i / processes) % publishers}`
  );
  return [`${own.length}`, names.join(",")];
}
