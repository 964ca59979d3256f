import { assertEquals } from "@std/assert";
import { Schedule } from "../../../tools/impair/schedule.ts";

Deno.test("Schedule gives things out by time, equal ones in order", () => {
  const schedule = new Schedule<string>();
  schedule.add(5, "a");
  schedule.add(9, "d");
  schedule.add(5, "b");
  schedule.add(7, "c");
  assertEquals([...schedule.takeDue(4)], []);
  assertEquals([...schedule.takeDue(7)], ["a", "b", "c"]);
  assertEquals(schedule.size, 1);
  schedule.add(8, "before d");
  assertEquals([...schedule.takeDue(10)], ["before d", "d"]);
});

Deno.test("Schedule holds on over many things", () => {
  const schedule = new Schedule<number>();
  const out: number[] = [];
  for (let i = 0; i < 5000; i++) {
    schedule.add(i + 3, i);
    out.push(...schedule.takeDue(i));
  }
  out.push(...schedule.takeDue(Infinity));
  assertEquals(out, Array.from({ length: 5000 }, (_, i) => i));
  assertEquals(schedule.size, 0);
});
