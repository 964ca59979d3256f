import { assertEquals } from "@std/assert";
import { type Figures, judge } from "../../../tools/attack/figures.ts";

const ATTACK = { budget: 100 };
const USAGE = { memory: 150, files: 30, threads: 8 };
const ANSWERS = { worstMs: 20, unanswered: 0 };
const GOOD: Figures = {
  sent: { requests: 1, bytes: 1_000, reflected: 1_000 },
  misses: { sent: 40, publisher: 0, watcher: 0 },
  calm: { ...ANSWERS, missed: 0 },
  during: ANSWERS,
  afterwards: ANSWERS,
  before: USAGE,
  most: { ...USAGE, memory: 260 },
  after: USAGE,
  deaths: 0,
  workersLost: 0,
  errors: [],
  logBytes: 1_000,
};

Deno.test("judge has nothing to say of an attack that cost nobody anything", () => {
  assertEquals(judge(ATTACK, GOOD), []);
});

Deno.test("judge names each goal that was missed", () => {
  const slow = { worstMs: 300, unanswered: 0 };
  const silent = { worstMs: 20, unanswered: 3 };
  const cases: [changes: Partial<Figures>, complaint: string][] = [
    [{ sent: { ...GOOD.sent, breaches: ["a hole"] } }, "a hole"],
    [
      { sent: { ...GOOD.sent, reflected: 2_000 } },
      "amplification: 2 of 1.5",
    ],
    [
      { misses: { sent: 40, publisher: 0, watcher: 2 } },
      "frames missed: 2 of 0",
    ],
    [
      { misses: { sent: 9, publisher: 0, watcher: 0, ended: "a limit" } },
      "the publisher ended: a limit",
    ],
    [{ during: slow }, "healthz: 300 ms of 200 ms"],
    [{ during: silent }, "healthz unanswered: 3 of 0"],
    [{ afterwards: silent }, "healthz unanswered afterwards: 3 of 0"],
    [{ most: { ...USAGE, memory: 280 } }, "memory: 130 MiB of 120 MiB"],
    [{ after: { ...USAGE, memory: 250 } }, "memory left: 100 MiB of 64 MiB"],
    [{ after: { ...USAGE, files: 40 } }, "files left: 10 of 2"],
    [{ after: { ...USAGE, threads: 30 } }, "threads left: 22 of 16"],
    [{ deaths: 1 }, "Workers died: 1 of 0"],
    [{ workersLost: 1 }, "Workers missing: 1 of 0"],
    [{ errors: ["x"] }, "errors in the log: 1 of 0"],
    [{ logBytes: 1024 * 1024 }, "log: 1024 KiB of 256 KiB"],
  ];
  for (const [changes, complaint] of cases) {
    assertEquals(judge(ATTACK, { ...GOOD, ...changes }), [complaint]);
  }
});

Deno.test("judge minds what follows alone where nobody can be answered", () => {
  const during = { worstMs: 9_000, unanswered: 100 };
  assertEquals(judge({ ...ATTACK, isOutage: true }, { ...GOOD, during }), []);
  const afterwards = { worstMs: 9_000, unanswered: 0 };
  assertEquals(
    judge({ ...ATTACK, isOutage: true }, { ...GOOD, during, afterwards }),
    ["healthz afterwards: 9000 ms of 200 ms"],
  );
});

Deno.test("judge takes errors where they are what is right", () => {
  const figures = { ...GOOD, errors: ["the disk is full"] };
  assertEquals(judge({ ...ATTACK, isTold: true }, figures), []);
});
