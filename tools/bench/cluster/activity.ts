/** What the bench's programs tell of themselves, and how they are asked. */
import { getJson, Process } from "../../processes.ts";

/** A watcher waits to whom nothing has come for so long, milliseconds. */
export const WAITING_MS = 2_000;

/** What publishers did since they were last asked, all together. */
export interface PublishersActivity {
  /** Clouds taken from their sources. */
  captured: number;
  /** Clouds handed to the network. */
  sent: number;
  /** Clouds dropped while there was no connection. */
  droppedUnconnected: number;
  /** Clouds dropped since newer ones took their place. */
  droppedBehind: number;
  /** Longest time in which one of them sent nothing, milliseconds. */
  longestGapMs: number;
  /** Publishers that ended, by why. */
  ended: string[];
}

/** What watchers got since they were last asked, all together. */
export interface WatchersActivity {
  /** Whole clouds. */
  clouds: number;
  /** Clouds missing between two of one session. */
  missedWithin: number;
  /** Clouds missing between a session and the one in its place. */
  missedBetween: number;
  /** Clouds that had come before. */
  again: number;
  /** Longest time in which one of them got nothing, milliseconds. */
  longestGapMs: number;
  /** Sessions that ended for a watcher, who followed the name then. */
  moved: number;
  /** Watchers that no longer follow, by why. */
  ended: string[];
  /** Watchers who wait, or to whom nothing has come yet. */
  waiting: number;
}

/** A program that tells what it did: `GET` looks, `POST` begins anew. */
export interface Told<Activity> extends Process {
  look(): Promise<Activity>;
  take(): Promise<Activity>;
}

/** Starts one of the programs beside this file, and waits until it tells. */
export async function startTold<Activity>(
  program: string,
  args: string[],
): Promise<Told<Activity>> {
  const process = new Process(Deno.execPath(), [
    ...["run", "-q", "-P=bench-transport", `tools/bench/cluster/${program}`],
    ...args,
  ]);
  const url = await process.waitFor(
    `the address of ${program}`,
    (line) => line.startsWith("http://") ? line : undefined,
  );
  return Object.assign(process, {
    look: () => getJson<Activity>(url),
    take: async () => await (await fetch(url, { method: "POST" })).json(),
  });
}

/** Tells by HTTP on loopback, as {@linkcode startTold} asks. */
export function tell(
  { look, restart }: { look(): unknown; restart(): void },
): void {
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.error(`http://127.0.0.1:${port}`),
  }, ({ method }) => {
    const told = Response.json(look());
    if (method === "POST") restart();
    return told;
  });
}

/** Adds up what counts, and takes the longest of the gaps. */
export function sumOf<Of extends object>(
  parts: readonly Of[],
): Of {
  const sum = { ...parts[0] };
  for (const part of parts.slice(1)) {
    for (const key of Object.keys(part) as (keyof Of)[]) {
      const [one, other] = [sum[key], part[key]];
      if (typeof one === "number" && typeof other === "number") {
        const value = key === "longestGapMs"
          ? Math.max(one, other)
          : one + other;
        sum[key] = value as Of[keyof Of];
      } else if (Array.isArray(one) && Array.isArray(other)) {
        sum[key] = [...one, ...other] as Of[keyof Of];
      }
    }
  }
  return sum;
}
