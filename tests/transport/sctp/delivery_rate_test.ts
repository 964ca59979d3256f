import { assertEquals } from "@std/assert";
import { DeliveryRate } from "../../../lib/transport/sctp/delivery_rate.ts";
import { sentChunk } from "./sent_chunk.ts";

Deno.test("DeliveryRate is what came in the time between acknowledgements", () => {
  const rate = new DeliveryRate();
  const chunks = [0, 1, 2, 3].map((i) => sentChunk(i, { sentAt: i }));
  chunks.forEach((chunk, i) => rate.onSent(chunk, i, i * 1000));
  rate.onAcked(chunks[0], 50);
  const first = rate.takeSample(50);
  assertEquals(first?.rate, 1000 / 50);
  assertEquals(first?.priorDelivered, 0);
  const next = sentChunk(4, { sentAt: 51 });
  rate.onSent(next, 51, 3000);
  for (const chunk of chunks.slice(1)) rate.onAcked(chunk, 60);
  rate.takeSample(50);
  rate.onAcked(next, 101);
  // It was sent when 1000 had been delivered, at 50.
  assertEquals(rate.takeSample(50)?.rate, 4000 / 51);
});

Deno.test("DeliveryRate takes sending for the limit where it was slower", () => {
  const rate = new DeliveryRate();
  const slow = [sentChunk(0, { sentAt: 0 }), sentChunk(1, { sentAt: 200 })];
  rate.onSent(slow[0], 0, 0);
  rate.onSent(slow[1], 200, 1000);
  // Both acknowledgements come at once, held up on their way.
  rate.onAcked(slow[0], 250);
  rate.onAcked(slow[1], 250);
  assertEquals(rate.takeSample(50)?.rate, 2000 / 250);
});

Deno.test("DeliveryRate tells nothing of an interval below a round trip", () => {
  const rate = new DeliveryRate();
  assertEquals(rate.takeSample(50), undefined);
  const chunk = sentChunk(0, { sentAt: 0 });
  rate.onSent(chunk, 0, 0);
  rate.onAcked(chunk, 20);
  assertEquals(rate.takeSample(50)?.rate, undefined);
});

Deno.test("DeliveryRate marks what was sent while there was nothing to send", () => {
  const rate = new DeliveryRate();
  const [a, b, c] = [0, 1, 2].map((i) => sentChunk(i, { sentAt: i }));
  rate.onSent(a, 0, 0);
  rate.onAppLimited(1000);
  rate.onSent(b, 1, 1000);
  rate.onAcked(a, 50);
  assertEquals(rate.takeSample(10)?.appLimited, false);
  rate.onAcked(b, 51);
  assertEquals(rate.takeSample(10)?.appLimited, true);
  // The bubble has passed.
  rate.onSent(c, 60, 0);
  rate.onAcked(c, 110);
  assertEquals(rate.takeSample(10)?.appLimited, false);
});
