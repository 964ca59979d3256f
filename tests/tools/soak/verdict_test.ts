import { assertEquals } from "@std/assert";
import { judge, type SoakFindings } from "../../../tools/soak/verdict.ts";

const IDLE = {
  memory: 100,
  threads: 5,
  files: 25,
  cpu: 1,
  sessions: 0,
  idleCpu: 0,
};
const FLAT = { mean: 100, perMinute: 0, rise: 0, peakRise: 0 };
const FINDINGS: SoakFindings = {
  trends: { memory: FLAT, threads: FLAT, files: FLAT },
  before: IDLE,
  after: IDLE,
  errors: 0,
};

Deno.test("judge has nothing to say of a server that stays the same", () => {
  assertEquals(judge(FINDINGS), []);
});

Deno.test("judge names each thing that is left or grows", () => {
  const growing = { ...FLAT, rise: 1000, peakRise: 1000 };
  const { trends } = FINDINGS;
  const cases: [changes: Partial<SoakFindings>, complaint: string][] = [
    [{ trends: { ...trends, memory: growing } }, "memory rose by MiB: 1000"],
    [{ trends: { ...trends, threads: growing } }, "threads rose by: 1000"],
    [{ trends: { ...trends, files: growing } }, "open files rose by: 1000"],
    [{ after: { ...IDLE, sessions: 1 } }, "sessions left: 1"],
    [{ after: { ...IDLE, files: 35 } }, "open files left: 10"],
    [{ after: { ...IDLE, threads: 55 } }, "threads left: 50"],
    [{ after: { ...IDLE, idleCpu: 9 } }, "percent of a core that stay busy: 9"],
    [{ errors: 2 }, "errors in the log: 2"],
  ];
  for (const [changes, complaint] of cases) {
    const complaints = judge({ ...FINDINGS, ...changes });
    assertEquals(complaints.map((each) => each.split(",")[0]), [complaint]);
  }
});
