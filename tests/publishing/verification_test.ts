import { assertEquals } from "@std/assert";
import type { FieldComparison } from "../../lib/points/compare.ts";
import { Verifier } from "../../lib/publishing/verification.ts";

function field(
  name: string,
  maxError = 0,
  isWithin = true,
): FieldComparison {
  return { name, isExact: maxError === 0 && isWithin, isWithin, maxError };
}

Deno.test("Verifier has nothing to say of nothing", () => {
  assertEquals(new Verifier().summary(), {
    frames: 0,
    mismatched: 0,
    positions: { maxError: 0 },
    rounded: {},
    exactFields: [],
    differing: [],
  });
});

Deno.test("Verifier sums up frames and connections, at their worst", () => {
  const first = new Verifier();
  first.arrived(true);
  first.arrived(false);
  first.compared([
    ...[field("x", 0.0004), field("y"), field("z")],
    ...[field("range", 0.2), field("ring"), field("rgb")],
  ]);
  const second = new Verifier();
  second.arrived(true);
  second.compared([
    ...[field("x", 0.0002), field("y", 0.0005), field("z")],
    ...[field("range"), field("ring"), field("rgb", 3, false)],
  ]);
  const both = new Verifier();
  both.add(first);
  both.add(second);
  assertEquals(both.summary(), {
    frames: 2,
    mismatched: 1,
    positions: { maxError: 0.0005 },
    rounded: { range: { maxError: 0.2 } },
    exactFields: ["z", "ring"],
    differing: ["rgb"],
  });
});
