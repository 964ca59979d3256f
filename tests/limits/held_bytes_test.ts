import { assertEquals } from "@std/assert";
import { HeldBytes } from "../../lib/limits/held_bytes.ts";

Deno.test("HeldBytes adds up what all hold, and tells once of too much", () => {
  const exceeded: number[] = [];
  const held = new HeldBytes(100, (most) => exceeded.push(most));
  const [a, b] = [held.share(), held.share()];
  a.set(60);
  b.set(40);
  assertEquals([held.left, exceeded], [0, []]);
  a.set(10);
  assertEquals(held.left, 50);
  b.set(91);
  b.set(200);
  assertEquals([held.left, exceeded], [0, [100]]);
});
