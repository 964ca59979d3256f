import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type SentChunk,
  SentChunks,
} from "../../../lib/transport/sctp/sent_chunks.ts";
import { sentChunk } from "./sent_chunk.ts";

function make(count: number): { chunks: SentChunks; all: SentChunk[] } {
  const chunks = new SentChunks();
  const all = Array.from({ length: count }, (_, i) => sentChunk(i + 1));
  for (const chunk of all) chunks.add(chunk);
  return { chunks, all };
}

function acknowledge(
  chunks: SentChunks,
  cumulative: number,
  blocks: [number, number][] = [],
): number[] {
  const acked: number[] = [];
  chunks.acknowledge(cumulative, blocks, ({ tsn }) => acked.push(tsn));
  return acked;
}

Deno.test("SentChunks gives what is newly acknowledged, once", () => {
  const { chunks } = make(8);
  assertEquals(acknowledge(chunks, 1, [[2, 3], [5, 5]]), [1, 3, 4, 6]);
  assertEquals(chunks.inflight, 4);
  assertEquals(acknowledge(chunks, 1, [[2, 3], [5, 5]]), []);
  assertEquals(acknowledge(chunks, 6), [2, 5]);
  assertEquals([...chunks].map(({ tsn }) => tsn), [7, 8]);
  assertEquals(chunks.last?.tsn, 8);
  assertEquals(acknowledge(chunks, 6, [[1, 900]]), [7, 8]);
  assertEquals(chunks.isEmpty, true);
  assertEquals([chunks.inflightBytes, chunks.userBytes], [0, 0]);
});

Deno.test("SentChunks keeps the order of sending, apart from the TSNs'", () => {
  const { chunks, all } = make(3);
  chunks.lose(all[0]);
  assertEquals(chunks.oldest, all[1]);
  assertEquals([chunks.inflightBytes, chunks.userBytes], [2000, 2700]);
  chunks.resend(all[0]);
  assertEquals(all[0].older, all[2]);
  chunks.resend(all[1]);
  assertEquals(chunks.oldest, all[2]);
  assertEquals(all[1].older, all[0]);
  assertEquals(chunks.inflight, 3);
});

Deno.test("SentChunks counts right whatever happens", () => {
  const action = fc.oneof(
    fc.record({ what: fc.constant("lose"), tsn: fc.nat(40) }),
    fc.record({ what: fc.constant("resend"), tsn: fc.nat(40) }),
    fc.record({ what: fc.constant("acknowledge"), tsn: fc.nat(40) }),
  );
  fc.assert(fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
    const { chunks, all } = make(30);
    let cumulative = 0;
    for (const { what, tsn } of actions) {
      const chunk = all[tsn];
      if (what === "acknowledge") {
        if (tsn % 3 === 0) cumulative = Math.max(cumulative, tsn);
        acknowledge(chunks, cumulative, [[1 + tsn % 5, 2 + tsn % 5]]);
      } else if (chunk === undefined || chunk.fate === "acked") continue;
      else if (what === "resend") chunks.resend(chunk);
      else if (chunk.fate === "inflight") chunks.lose(chunk);
      const left = all.filter(({ fate }) => fate !== "acked");
      const inflight = left.filter(({ fate }) => fate === "inflight");
      assertEquals([...chunks], left);
      assertEquals(chunks.last, left.at(-1));
      assertEquals(chunks.inflight, inflight.length);
      assertEquals(chunks.inflightBytes, inflight.length * 1000);
      assertEquals(chunks.userBytes, left.length * 900);
      let sent = 0;
      for (let c = chunks.oldest; c; c = c.newer) sent++;
      assertEquals(sent, inflight.length);
    }
  }));
});
