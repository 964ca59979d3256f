/** What one hostile peer makes a real server hold, by its memory. */
import { assertLess } from "@std/assert";
import { type Attack, HELD_MIB } from "../../tools/attack/attack.ts";
import { FRAME_ATTACKS } from "../../tools/attack/frames.ts";
import { MESSAGE_ATTACKS } from "../../tools/attack/messages.ts";
import { peakMemoryOf, restartPeakMemory, usageOf } from "../../tools/proc.ts";
import { getJson, startClient, startServer } from "../../tools/processes.ts";
import { testWith } from "../support.ts";

const ATTACKS = new Map(
  [...MESSAGE_ATTACKS, ...FRAME_ATTACKS].map((each) => [each.name, each]),
);
const TRIED = [
  ...["crumbs", "crumbs-watcher", "pinned-packets", "withheld-packet"],
  ...["waiting-messages", "waiting-watcher", "unfinished-messages"],
  ...["unfinished-frames", "frame-crumbs", "zero-window"],
];
/** How long each may attack, seconds; most are ended before. */
const SECONDS = 6;
/** What is allowed beyond the budget that has a name. */
const SLACK = 1.2;
/** Servers that are attacked at the same time. */
const AT_ONCE = 3;

/** The memory that one peer made a server of its own take, MiB. */
async function takenBy(attack: Attack): Promise<number> {
  await using server = await startServer([
    ...["--host", "127.0.0.1", "--workers", "1"],
  ]);
  await using client = startClient(server, [
    ...["--points", "1000", "--media", "none", "--duration", "0", "--json"],
  ]);
  await client.waitFor("a frame", (line) => /frame [3-9]/.exec(line)?.[0]);
  const [{ id: session }] = await getJson<{ id: string }[]>(
    `${server.url}/sessions`,
  );
  const { pid } = server.child;
  const { memory } = await usageOf(pid);
  await restartPeakMemory(pid);
  await attack.run({
    ...{ url: server.url, pid, session, seconds: SECONDS, comesBack: false },
    ...{ serverFolder: "", prepared: {} },
  });
  return await peakMemoryOf(pid) - memory;
}

testWith(
  ["linux"],
  "One hostile peer makes a server hold its budget, and no more",
  async () => {
    const left = [...TRIED];
    const taken: Record<string, number> = {};
    const work = async () => {
      for (let name; (name = left.shift()) !== undefined;) {
        taken[name] = Math.round(await takenBy(ATTACKS.get(name)!));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    for (const [name, mib] of Object.entries(taken)) {
      assertLess(mib, SLACK * HELD_MIB, `${name}: ${JSON.stringify(taken)}`);
    }
  },
  { sanitizeOps: false, sanitizeResources: false },
);
