/**
 * A server under a flood of offers, with idle connections and slow bodies, and a
 * session in progress beside it. With FLOOD_OFFERS=2000 it is as large as an
 * abuser makes it, and what came of it is printed (`deno task flood`).
 */
import {
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
} from "@std/assert";
import { setTimeout as delay } from "node:timers/promises";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { usageOf } from "../../tools/proc.ts";
import {
  getJson,
  type Process,
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { testWith, until } from "../support.ts";
import type { FloodResult } from "../../tools/attack/flood.ts";

const FULL_SIZE = Deno.env.has("FLOOD_OFFERS");
const OFFERS = Number(Deno.env.get("FLOOD_OFFERS") ?? 400);
const OFFERS_PER_SECOND = 200;
const ROUNDS = 3;
const IDLE_CONNECTIONS = 500;
const SLOW_BODIES = 20;
/** Time between two looks at memory, milliseconds. */
const LOOK_MS = 500;

interface Round extends FloodResult {
  /** Resident memory, MiB: the most, and once all is freed. */
  peak: number;
  after: number;
}

testWith([], "a flood disturbs no session, and leaves nothing", async () => {
  // Loaded here: werift can't be imported without permissions.
  const { flood, openIdle, postForEver } = await import(
    "../../tools/attack/flood.ts"
  );
  await using server = await startServer([
    ...["--host", "127.0.0.1"],
    ...FULL_SIZE ? [] : ["--connect-timeout", "2"],
  ]);
  const { url } = server;
  await using client = startClient(server, [
    ...["--media", "none", "--points", "20000", "--duration", "0"],
    ...["--verify", "--json"],
  ]);
  await server.waitForLog("points", ({ message }) => message === "receiving");
  const before = await residentMiB(server);
  const files = await openFiles(server);

  const rounds: Round[] = [];
  {
    using _ = await openIdle(url, IDLE_CONNECTIONS);
    const slow = Array.from({ length: SLOW_BODIES }, () => postForEver(url));
    for (let round = 0; round < ROUNDS; round++) {
      await using memory = new MemoryWatch(server);
      const seconds = OFFERS / OFFERS_PER_SECOND;
      const result = await flood({ url, offers: OFFERS, seconds });
      await whenClosed(server, result.sessions);
      await memory.look();
      rounds.push({ ...result, peak: memory.peak, after: memory.last });
    }
    // A body has to be whole in time.
    assertEquals(new Set(await Promise.all(slow)), new Set([408]));
  }
  const { connectedAt } = await theSession(url);
  assertGreater(Date.parse(connectedAt!), 0);
  if (files !== undefined) {
    // Some connection may be kept for the next request; a flood leaves hundreds.
    const mostFiles = files + 5;
    await until(async () => (await openFiles(server))! <= mostFiles, {
      what: `no more than ${mostFiles} open files`,
      within: 60_000,
    });
  }

  // The heap finds its working size in the first round; the others keep it,
  // once their garbage is collected.
  const [{ after, peak }] = rounds;
  const most = after + (peak - before);
  await until(async () => await residentMiB(server) <= most, {
    what: `no more than ${most} MiB after ${JSON.stringify(rounds)}`,
    within: 60_000,
  });

  await client.stop();
  const report: PublishReport = JSON.parse(await client.stdout);
  if (FULL_SIZE) tell(before, rounds, report);
  assertEquals(report.framesDropped, 0);
  // The last one may be on its way when the client is stopped.
  assertGreaterOrEqual(report.framesAcked, report.framesSent - 1);
  assertEquals(report.verified?.mismatched, 0);
  assertEquals(report.outages, []);

  for (const { statuses, sessions, connected, unhelpful } of rounds) {
    assertEquals(new Set(Object.keys(statuses)), new Set(["200", "429"]));
    assertGreater(sessions.length - connected, 0);
    assertEquals(unhelpful, 0);
  }
  // On a busy machine those of one round may come too late.
  assertGreater(rounds.reduce((sum, { connected }) => sum + connected, 0), 0);
  assertEquals(server.logs.filter(({ level }) => level === "error"), []);
  // Lines that strangers cause don't fill the log.
  const refusals = server.logs.filter((l) => l.message === "request refused");
  const refused = rounds.reduce((sum, r) => sum + r.statuses[429], 0);
  assertLess(refusals.length, refused / 2);
});

/** The one session that is left. */
async function theSession(url: string): Promise<SessionSnapshot> {
  const sessions = await getJson<SessionSnapshot[]>(`${url}/sessions`);
  assertEquals(sessions.length, 1);
  return sessions[0];
}

/** Waits until the server has closed all of the sessions. */
async function whenClosed(
  server: ServerProcess,
  sessions: string[],
): Promise<void> {
  const open = new Set(sessions);
  await server.waitForLog("the end of the flood's sessions", (line) => {
    if (line.message === "session closed") open.delete(line.session!);
    return open.size === 0;
  });
}

/** Looks at a process' resident memory now and then. */
class MemoryWatch implements AsyncDisposable {
  /** MiB. */
  peak = 0;
  last = 0;
  readonly #process: Process;
  readonly #over = new AbortController();
  readonly #watching: Promise<void>;

  constructor(process: Process) {
    this.#process = process;
    this.#watching = this.#watch();
  }

  async look(): Promise<void> {
    this.last = await residentMiB(this.#process);
    this.peak = Math.max(this.peak, this.last);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await this.look();
      await delay(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }
}

async function residentMiB({ child: { pid } }: Process): Promise<number> {
  return Number(await said("ps", "-o", "rss=", "-p", `${pid}`)) / 1024;
}

/** How many files and sockets are open; not known everywhere. */
async function openFiles(
  { child: { pid } }: Process,
): Promise<number | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  return (await usageOf(pid)).files;
}

async function said(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args }).output();
  return new TextDecoder().decode(stdout);
}

function tell(before: number, rounds: Round[], report: PublishReport): void {
  const { framesSent, framesAcked, framesDropped, latencyMs } = report;
  console.log(JSON.stringify(
    {
      memoryBefore: Math.round(before),
      rounds: rounds.map(({ statuses, sessions, connected, peak, after }) => ({
        statuses,
        sessions: sessions.length,
        connected,
        memoryPeak: Math.round(peak),
        memoryAfter: Math.round(after),
      })),
      beside: { framesSent, framesAcked, framesDropped, latencyMs },
    },
    null,
    2,
  ));
}
