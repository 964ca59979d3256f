import { assertEquals } from "@std/assert";
import { LossDetector } from "../../../lib/transport/sctp/loss_detector.ts";
import { RttEstimator } from "../../../lib/transport/sctp/rtt.ts";
import {
  type SentChunk,
  SentChunks,
} from "../../../lib/transport/sctp/sent_chunks.ts";
import { sentChunk } from "./sent_chunk.ts";

/** Chunks 1 to `count`, sent a millisecond apart; the path takes 40 ms. */
function make(count: number) {
  const rtt = new RttEstimator();
  rtt.update(40);
  const detector = new LossDetector(rtt);
  const chunks = new SentChunks();
  const all: SentChunk[] = [];
  for (let tsn = 1; tsn <= count; tsn++) {
    const chunk = sentChunk(tsn, { sentAt: tsn });
    chunks.add(chunk);
    all.push(chunk);
  }
  const acknowledge = (
    now: number,
    cumulative: number,
    blocks: [number, number][] = [],
  ) =>
    chunks.acknowledge(
      cumulative,
      blocks,
      (chunk) => detector.onAcked(chunk, now),
    );
  const detect = (now: number) => {
    const lost: number[] = [];
    const again = detector.detect(chunks, now, ({ tsn }) => lost.push(tsn));
    return { lost, again };
  };
  return { detector, chunks, all, acknowledge, detect };
}

Deno.test("LossDetector waits a quarter of a round trip for one out of order", () => {
  const { acknowledge, detect } = make(10);
  acknowledge(42, 0, [[2, 2]]);
  // Sent at 1, a flight of 40, and 10 for reordering.
  assertEquals(detect(42), { lost: [], again: 51 });
  assertEquals(detect(51), { lost: [1], again: Infinity });
});

Deno.test("LossDetector takes it for lost once three beyond it are there", () => {
  const { acknowledge, detect } = make(10);
  acknowledge(42, 0, [[2, 2]]);
  acknowledge(44, 0, [[2, 4]]);
  assertEquals(detect(44).lost, [1]);
});

Deno.test("LossDetector is patient on a path that has been seen to reorder", () => {
  const { acknowledge, detect, detector } = make(10);
  acknowledge(42, 0, [[2, 2]]);
  acknowledge(43, 2);
  detector.onNoGaps();
  acknowledge(47, 2, [[2, 5]]);
  assertEquals(detect(47), { lost: [], again: 3 + 40 + 10 });
});

Deno.test("LossDetector gets more patient where it sent again for nothing", () => {
  const { acknowledge, detect, detector } = make(10);
  acknowledge(42, 0, [[2, 2]]);
  acknowledge(43, 2);
  detector.onDuplicates(43);
  acknowledge(47, 2, [[2, 5]]);
  assertEquals(detect(47), { lost: [], again: 3 + 40 + 20 });
});

Deno.test("LossDetector finds out that what was sent again was lost again", () => {
  const { acknowledge, detect, chunks, all } = make(10);
  acknowledge(46, 0, [[2, 6]]);
  assertEquals(detect(46).lost, [1]);
  all[0].sentAt = 46;
  all[0].sent = 2;
  chunks.resend(all[0]);
  const next = sentChunk(11, { sentAt: 47 });
  chunks.add(next);
  acknowledge(50, 0, [[2, 10]]);
  assertEquals(detect(50).lost, []);
  acknowledge(87, 0, [[2, 11]]);
  assertEquals(detect(87).lost, [1]);
});

Deno.test("LossDetector isn't misled by the answer to an earlier sending", () => {
  const { acknowledge, detect, chunks, all } = make(3);
  chunks.resend(all[0]);
  all[0].sentAt = 60;
  all[0].sent = 2;
  // 1 ms after it was sent again: that's the first one's.
  acknowledge(61, 1);
  assertEquals(detect(200).lost, []);
});
