/**
 * Watchers of the watchers bench, many in one process and each by
 * libdatachannel: so that receiving costs little, and the server is what is
 * measured. Arguments: the URLs that they ask in turn, with commas between,
 * watchers, seconds to warm up, and to measure. It says `begun` on standard
 * error, and then a report for each URL.
 */
import { setTimeout as delay } from "node:timers/promises";
import { PeerConnection } from "node-datachannel";
import type { SessionSnapshot } from "../../../lib/session/snapshot.ts";
import {
  isNewerNumber,
  POINTS_PROTOCOL,
  readChunkHeader,
} from "../../../lib/wire/frame.ts";
import { quantile } from "../transport/statistics.ts";
import type { WatchersReport } from "./report.ts";

const [urls, count, warmUp, measured] = Deno.args;
const doors = urls.split(",");
/** Watchers that connect at the same time. */
const AT_ONCE = 10;
/** Keeps objects from garbage collection, which would close them. */
const kept: unknown[] = [];

/** What has come to one watcher since the measurement began. */
class Watcher {
  frames = 0;
  points = 0;
  lost = 0;
  bytes = 0;
  readonly latencies: number[] = [];
  #last: number | undefined;

  restart(): void {
    this.frames =
      this.points =
      this.lost =
      this.bytes =
        0;
    this.latencies.length = 0;
  }

  take(message: Uint8Array): void {
    this.bytes += message.length;
    const header = readChunkHeader(message);
    const { number, points, chunk, chunks, captureTime } = header;
    // In order: the last chunk is of a whole frame.
    if (chunk < chunks - 1) return;
    this.frames++;
    this.points += points;
    this.latencies.push(Date.now() - captureTime);
    if (this.#last !== undefined && isNewerNumber(number, this.#last)) {
      this.lost += number - this.#last - 1;
    }
    this.#last = number;
  }
}

async function connect(url: string, session: string): Promise<Watcher> {
  const peer = new PeerConnection("watcher", {
    iceServers: [],
    bindAddress: "127.0.0.1",
    maxMessageSize: 256 * 1024,
  });
  const channel = peer.createDataChannel("points", {
    protocol: POINTS_PROTOCOL,
  });
  const watcher = new Watcher();
  kept.push(peer, channel, watcher);
  channel.onMessage((message) => {
    if (typeof message !== "string") watcher.take(new Uint8Array(message));
  });
  const open = new Promise<void>((resolve) => channel.onOpen(resolve));
  while (peer.gatheringState() !== "complete") await delay(10);
  const response = await fetch(`${url}/whep/${session}`, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: peer.localDescription()!.sdp,
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${answer}`);
  peer.setRemoteDescription(answer, "answer");
  await open;
  return watcher;
}

function report(watchers: Watcher[], seconds: number): WatchersReport {
  const sum = (of: (watcher: Watcher) => number) =>
    watchers.reduce((sum, watcher) => sum + of(watcher), 0);
  const latencies = watchers.flatMap(({ latencies }) => latencies);
  return {
    watchers: watchers.length,
    seconds,
    frames: sum(({ frames }) => frames),
    points: sum(({ points }) => points),
    lost: sum(({ lost }) => lost),
    bytes: sum(({ bytes }) => bytes),
    latency: {
      median: quantile(latencies, 0.5),
      p95: quantile(latencies, 0.95),
    },
    least: Math.min(...watchers.map(({ frames }) => frames)),
  };
}

const sessions: SessionSnapshot[] = await (await fetch(`${doors[0]}/sessions`))
  .json();
const watchers: Watcher[] = [];
while (watchers.length < Number(count)) {
  const some = Math.min(AT_ONCE, Number(count) - watchers.length);
  watchers.push(
    ...await Promise.all(
      Array.from({ length: some }, (_, i) => {
        const at = watchers.length + i;
        const { id } = sessions[at % sessions.length];
        return connect(doors[at % doors.length], id);
      }),
    ),
  );
}
await delay(1000 * Number(warmUp));
watchers.forEach((watcher) => watcher.restart());
const begun = performance.now();
console.error("begun");
await delay(1000 * Number(measured));
const seconds = (performance.now() - begun) / 1000;
const reports = doors.map((_, door) =>
  report(watchers.filter((_, i) => i % doors.length === door), seconds)
);
console.error(JSON.stringify(reports));
Deno.exit(0);
