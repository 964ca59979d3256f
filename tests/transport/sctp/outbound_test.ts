/** The sending side alone: acknowledgements by hand, times by hand. */
import { assert, assertEquals } from "@std/assert";
import type { CongestionController } from "../../../lib/transport/sctp/congestion.ts";
import { Outbound } from "../../../lib/transport/sctp/outbound.ts";
import type { SentChunk } from "../../../lib/transport/sctp/sent_chunks.ts";

/** A window and a pace that stay as they are set. */
class Fixed implements CongestionController {
  packetBytes = 1100;
  window = 100_000;
  pacingRate = 1e6;
  bandwidth = 0;
  isStarting = false;
  timeouts = 0;
  acked = 0;
  lost = 0;
  onRestart(): void {}
  onAck(sample: { acked: number; lost: number }): void {
    this.acked += sample.acked;
    this.lost += sample.lost;
  }
  onTimeout(): void {
    this.timeouts++;
  }
}

function make(options: { peerWindow?: number; initialRtt?: number } = {}) {
  const sent: SentChunk[] = [];
  const congestion = new Fixed();
  const outbound = new Outbound({
    initialTsn: 1,
    peerWindow: 1e6,
    maxPayload: 1000,
    overhead: 100,
    congestion,
    transmit: (chunk) => sent.push(chunk),
    ...options,
  });
  let sequence = 0;
  const send = (bytes: number, now: number, onSent?: () => void) =>
    outbound.send({
      streamId: 0,
      streamSequence: sequence++,
      protocol: 53,
      ordered: true,
      data: new Uint8Array(bytes),
      onSent,
    }, now);
  const acknowledge = (
    now: number,
    cumulativeTsn: number,
    gaps: [number, number][] = [],
    window = 1e6,
    duplicates: number[] = [],
  ) => outbound.acknowledge({ cumulativeTsn, gaps, window, duplicates }, now);
  /** TSNs as on the wire. */
  const tsns = () => sent.splice(0).map(({ tsn }) => tsn >>> 0);
  return { outbound, congestion, send, acknowledge, sent, tsns };
}

Deno.test("Outbound sends what the window allows, and more as it opens", () => {
  const { outbound, congestion, send, acknowledge, tsns } = make();
  congestion.window = 3300;
  let taken = 0;
  send(5000, 0, () => taken++);
  assertEquals(tsns(), [1, 2, 3]);
  assertEquals([outbound.queuedBytes, outbound.undeliveredBytes], [2000, 5000]);
  acknowledge(50, 2);
  assertEquals(tsns(), [4, 5]);
  assertEquals(taken, 1);
  acknowledge(100, 5);
  assertEquals(outbound.undeliveredBytes, 0);
  assertEquals(outbound.wakeAt, Infinity);
  assertEquals(congestion.acked, 5 * 1100);
});

Deno.test("Outbound paces, and says when it goes on", () => {
  const { outbound, congestion, send, tsns } = make();
  congestion.pacingRate = 110;
  send(5000, 1000);
  const first = tsns().length;
  assert(first >= 1 && first < 5, `${first}`);
  let now = 1000;
  while (outbound.queuedBytes > 0) {
    assert(outbound.wakeAt > now && outbound.wakeAt <= now + 10.5);
    now = outbound.wakeAt;
    outbound.wake(now);
  }
  assert(now >= 1000 + (5 - first - 1) * 10, `${now}`);
});

Deno.test("Outbound keeps within the peer's window, and probes a closed one", () => {
  const { send, acknowledge, tsns } = make({ peerWindow: 2000 });
  send(6000, 0);
  assertEquals(tsns(), [1, 2]);
  acknowledge(50, 1, [], 0);
  assertEquals(tsns(), []);
  // Nothing is under way: one packet may go all the same.
  acknowledge(60, 2, [], 0);
  assertEquals(tsns(), [3]);
  acknowledge(110, 3, [], 5000);
  assertEquals(tsns(), [4, 5, 6]);
});

Deno.test("Outbound sends again what is missing, before anything new", () => {
  const { outbound, congestion, send, acknowledge, tsns } = make();
  congestion.window = 6600;
  send(9000, 0);
  tsns();
  acknowledge(50, 0, [[2, 4]]);
  // Three beyond it came: 1 is lost, and is first in what the window frees.
  assertEquals(tsns(), [1, 7, 8, 9]);
  assertEquals(congestion.lost, 1100);
  assertEquals(outbound.counters.chunksRetransmitted, 1);
});

Deno.test("Outbound takes gap blocks in any order", () => {
  const { outbound, send, acknowledge } = make();
  send(9000, 0);
  acknowledge(50, 1, [[7, 8], [2, 3], [5, 5]]);
  assertEquals(outbound.undeliveredBytes, 3000);
});

Deno.test("Outbound ignores acknowledgements that are old, or of nothing sent", () => {
  const { outbound, send, acknowledge } = make();
  send(3000, 0);
  acknowledge(50, 2);
  acknowledge(51, 1);
  acknowledge(52, 100);
  assertEquals(outbound.undeliveredBytes, 1000);
});

Deno.test("Outbound probes for a lost tail after two round trips", () => {
  const { outbound, send, acknowledge, tsns } = make();
  send(1000, 0);
  acknowledge(50, 1);
  send(3000, 100);
  tsns();
  assertEquals(outbound.wakeAt, 200);
  outbound.wake(200);
  assertEquals(tsns(), [4]);
  assertEquals(outbound.counters.tailLossProbes, 1);
  // The answer to the probe tells that what was sent before it is lost.
  acknowledge(250, 1, [[3, 3]]);
  assertEquals(tsns(), [2, 3]);
  assertEquals(outbound.counters.timeouts, 0);
});

Deno.test("Outbound probes with new data where there is some", () => {
  const { outbound, congestion, send, acknowledge, tsns } = make();
  send(1000, 0);
  acknowledge(50, 1);
  congestion.window = 2200;
  send(3000, 100);
  assertEquals(tsns(), [1, 2, 3]);
  outbound.wake(200);
  assertEquals(tsns(), [4]);
});

Deno.test("Outbound times out, backs off, and goes on when the path is back", () => {
  const { outbound, congestion, send, acknowledge, tsns } = make();
  send(1000, 0);
  acknowledge(50, 1);
  send(3000, 100);
  tsns();
  outbound.wake(200);
  tsns();
  congestion.window = 1100;
  const gaps = [];
  let now = 200;
  for (let i = 0; i < 6; i++) {
    gaps.push(Math.round(outbound.wakeAt - now));
    now = outbound.wakeAt;
    outbound.wake(now);
    // One packet each time: the first that is missing.
    assertEquals(tsns(), [2]);
  }
  assertEquals(gaps, [200, 400, 800, 1600, 2000, 2000]);
  assertEquals([congestion.timeouts, outbound.counters.timeouts], [6, 6]);
  congestion.window = 100_000;
  acknowledge(now + 50, 2);
  assertEquals(tsns(), [3, 4]);
  acknowledge(now + 100, 4);
  assertEquals(outbound.undeliveredBytes, 0);
});

Deno.test("Outbound gives the peer time where its own process stood still", () => {
  const { outbound, send, acknowledge, tsns } = make();
  send(1000, 0);
  acknowledge(50, 1);
  send(1000, 100);
  tsns();
  // The probe was due at 220; nothing ran until 900.
  outbound.wake(900);
  assertEquals(tsns(), []);
  assertEquals(outbound.wakeAt, 920);
  acknowledge(901, 2);
  assertEquals(outbound.counters.tailLossProbes, 0);
});

Deno.test("Outbound doesn't send again what came late after all", () => {
  const { outbound, congestion, send, acknowledge, tsns } = make();
  congestion.window = 6600;
  send(6000, 0);
  tsns();
  congestion.window = 0;
  acknowledge(50, 0, [[2, 6]]);
  assertEquals(tsns(), []);
  acknowledge(60, 6);
  congestion.window = 6600;
  send(1000, 70);
  assertEquals(tsns(), [7]);
  assertEquals(outbound.counters.chunksRetransmitted, 0);
});

Deno.test("Outbound measures round trips of what was sent once", () => {
  const { outbound, send, acknowledge } = make({ initialRtt: 30 });
  assertEquals(outbound.rtt.smoothed, 30);
  send(1000, 0);
  acknowledge(80, 1);
  assertEquals(outbound.rtt.latest, 80);
  assertEquals(outbound.rtt.min, 80);
});
