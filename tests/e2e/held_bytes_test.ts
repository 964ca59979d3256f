/** What one hostile peer makes a real server hold, by its memory. */
import { assertLess } from "@std/assert";
import { setTimeout as delay } from "node:timers/promises";
import { type Attack, HELD_MIB } from "../../tools/attack/attack.ts";
import { FRAME_ATTACKS } from "../../tools/attack/frames.ts";
import { MESSAGE_ATTACKS } from "../../tools/attack/messages.ts";
import { usageOf } from "../../tools/proc.ts";
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
/**
 * Has V8 collect garbage once the heap has grown by a tenth, not when it is
 * twice as large: what is measured is what is held.
 */
const TIDY = "--v8-flags=--heap-growing-percent=10";
/** Time between two looks at memory, milliseconds. */
const LOOK_MS = 100;
/** Looks in a row; what is gone sooner is garbage, which nobody holds. */
const LOOKS = 5;
/** Servers that are attacked at the same time. */
const AT_ONCE = 3;

/** The memory that one peer made a server of its own take, MiB. */
async function takenBy(attack: Attack): Promise<number> {
  await using server = await startServer(
    ["--host", "127.0.0.1", "--workers", "1"],
    [TIDY],
  );
  await using client = startClient(server, [
    ...["--points", "1000", "--media", "none", "--duration", "0", "--json"],
  ]);
  await client.waitFor("a frame", (line) => /frame [3-9]/.exec(line)?.[0]);
  const [{ id: session }] = await getJson<{ id: string }[]>(
    `${server.url}/sessions`,
  );
  const { pid } = server.child;
  const { memory } = await usageOf(pid);
  const attacking = attack.run({
    ...{ url: server.url, pid, session, seconds: SECONDS, comesBack: false },
    ...{ serverFolder: "", prepared: {} },
  });
  return await heldDuring(attacking, pid) - memory;
}

/** The most memory that a process keeps for some looks, MiB. */
async function heldDuring(
  attacking: Promise<unknown>,
  pid: number,
): Promise<number> {
  const looks: number[] = [];
  let isOver = false;
  const over = attacking.finally(() => isOver = true);
  do {
    looks.push((await usageOf(pid)).memory);
    await delay(LOOK_MS);
  } while (!isOver || looks.length < LOOKS);
  await over;
  const kept = looks.slice(LOOKS - 1).map((_, i) =>
    Math.min(...looks.slice(i, i + LOOKS))
  );
  return Math.max(...kept);
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
