/** Publishers and watchers that come and go until a signal. */
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { cameraClip } from "../camera_clip.ts";
import { startRelay } from "../impair/relay_process.ts";
import { seededRandom } from "../impair/random.ts";
import { startClient } from "../processes.ts";
import { ask, MANNERS, pause, RefusedError, visit } from "./visitor.ts";

/** Who comes and goes. */
export interface VisitorOptions {
  server: { url: string };
  /** Peers of this process at a time that publish, and that watch. */
  visitors: number;
  /** Ends it: all leave then. */
  signal: AbortSignal;
}

export interface LoadOptions extends VisitorOptions {
  seed: number;
  /** Client processes at a time, every second one through a bad network. */
  clients: number;
}

/** How clients and visits ended. */
export interface LoadCounts extends VisitCounts {
  /** Client processes by how they ended: well, killed, or failed. */
  clients: { ended: number; killed: number; failed: number };
}

export interface VisitCounts {
  /** Visits by how they ended. */
  visits: Record<string, number>;
  /** Visits that failed, by what was wrong. */
  failures: Record<string, number>;
  /** Messages that watchers received. */
  messages: number;
}

const IMPAIRMENTS = ["--delay", "20", "--jitter", "5", "--loss", "1"];

/** Loads a server until the signal; resolves when all are gone. */
export async function load(options: LoadOptions): Promise<LoadCounts> {
  const counts: LoadCounts = {
    clients: { ended: 0, killed: 0, failed: 0 },
    visits: {},
    failures: {},
    messages: 0,
  };
  await using relay = await startRelay(options.server, IMPAIRMENTS);
  const camera = await cameraClip("480p20");
  const media = [["--media", "none"], [], ["--media", camera]];
  const random = seededRandom(options.seed);
  const { signal } = options;
  const places: Promise<void>[] = [];
  for (let i = 0; i < options.clients; i++) {
    const server = i % 2 === 1 ? relay : options.server;
    places.push(
      repeat(signal, () => {
        const args = media[Math.floor(media.length * random())];
        return runClient(server, args, random, signal, counts);
      }),
    );
  }
  places.push(comeAndGo(options, random, counts));
  await Promise.all(places);
  return counts;
}

/** Has visitors come and go until the signal, one after the other. */
export async function comeAndGo(
  options: VisitorOptions,
  random: () => number,
  counts: VisitCounts,
): Promise<void> {
  const places: Promise<void>[] = [];
  for (let i = 0; i < options.visitors; i++) {
    for (const role of ["publish", "watch"] as const) {
      places.push(
        repeat(options.signal, () => receive(role, options, random, counts)),
      );
    }
  }
  await Promise.all(places);
}

async function repeat(
  signal: AbortSignal,
  run: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) await run();
}

async function runClient(
  server: { url: string },
  media: string[],
  random: () => number,
  signal: AbortSignal,
  counts: LoadCounts,
): Promise<void> {
  const seconds = 3 + 9 * random();
  const isKilled = random() < 0.3;
  await using client = startClient(server, [
    ...["--points", "2000", "--source", "lidar", "--json", ...media],
    ...["--duration", isKilled ? "0" : seconds.toFixed(1)],
  ]);
  const ended = client.finished();
  const leaving = new AbortController();
  void ended.then(() => leaving.abort());
  const limit = isKilled ? seconds * 1000 : 3_600_000;
  await pause(limit, AbortSignal.any([signal, leaving.signal]));
  if (leaving.signal.aborted) {
    // A bad network may cost frames, which is no failure of the server's.
    const { code } = await ended;
    const isFine = code === 0 || (await client.stdout) !== "";
    counts.clients[isFine ? "ended" : "failed"]++;
  } else counts.clients.killed++;
}

async function receive(
  role: "publish" | "watch",
  { server: { url }, signal }: VisitorOptions,
  random: () => number,
  counts: VisitCounts,
): Promise<void> {
  const manner = MANNERS[Math.floor(random() * MANNERS.length)];
  const stayMs = 500 + 3000 * random();
  const path = role === "publish" ? "/whip" : await pathToWatch(url, random);
  if (path === undefined) return await pause(200, signal);
  try {
    const messages = await visit({ url, path, manner, stayMs, signal });
    const name = `${role}, ${manner}`;
    counts.visits[name] = (counts.visits[name] ?? 0) + 1;
    if (role === "watch") counts.messages += messages;
  } catch (error) {
    // The session that was chosen has ended meanwhile.
    const isGone = error instanceof RefusedError && error.status === 404;
    const what = isGone ? "404, session gone" : (error as Error).message;
    counts.failures[what] = (counts.failures[what] ?? 0) + 1;
    await pause(200, signal);
  }
}

async function pathToWatch(
  url: string,
  random: () => number,
): Promise<string | undefined> {
  const response = await ask(`${url}/sessions`);
  const sessions: SessionSnapshot[] = await response.json();
  const live = sessions.filter(({ state }) => state === "connected");
  const session = live[Math.floor(random() * live.length)];
  return session && `/whep/${session.id}`;
}
