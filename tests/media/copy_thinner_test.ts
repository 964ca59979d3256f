import { assert, assertEquals, assertGreater } from "@std/assert";
import { CopyThinner } from "../../lib/media/copy_thinner.ts";

/** Sends `seconds` of a keyframe a second and 25 pictures, of 1 Mbit/s. */
function run(thinner: CopyThinner, from: number, seconds: number) {
  const sent: boolean[] = [];
  for (let i = 0; i < 25 * seconds; i++) {
    sent.push(thinner.passes(5_000, i % 25 === 0, 1000 * from + 40 * i));
  }
  return sent;
}

Deno.test("CopyThinner passes all that fits", () => {
  const thinner = new CopyThinner();
  assert(run(thinner, 0, 5).every(Boolean));
  thinner.setBitrate(1_100_000);
  assert(run(thinner, 5, 20).every(Boolean));
});

Deno.test("CopyThinner leaves out what comes before the next keyframe", () => {
  const thinner = new CopyThinner();
  thinner.setBitrate(400_000);
  run(thinner, 0, 5);
  const sent = run(thinner, 5, 40);
  const share = sent.filter(Boolean).length / sent.length;
  assertGreater(share, 0.35);
  assertGreater(0.45, share);
  // What follows a picture that was left out can't be decoded.
  sent.forEach((isSent, i) => {
    if (isSent && !sent[i - 1] && i > 0) assertEquals(i % 25, 0);
  });
});

Deno.test("CopyThinner goes on with a keyframe once all is allowed", () => {
  const thinner = new CopyThinner();
  thinner.setBitrate(100_000);
  run(thinner, 0, 10);
  assertEquals(thinner.passes(5_000, false, 10_000), false);
  thinner.setBitrate(Infinity);
  assertEquals(thinner.passes(5_000, false, 10_040), false);
  assertEquals(thinner.passes(5_000, true, 10_080), true);
  assert(run(thinner, 11, 5).every(Boolean));
});
