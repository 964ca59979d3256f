import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  MessageReassembler,
  type ReceivedChunk,
  type ReceivedMessage,
} from "../../../lib/transport/sctp/message_reassembler.ts";

const BEGIN = 2;
const END = 1;
const UNORDERED = 4;

function chunk(
  tsn: number,
  flags: number,
  bytes: number[],
  streamSequence = 0,
  streamId = 0,
): ReceivedChunk {
  const userData = Uint8Array.from(bytes);
  return { tsn, flags, streamId, streamSequence, protocol: 53, userData };
}

function collector() {
  const messages: ReceivedMessage[] = [];
  const reassembler = new MessageReassembler((m) => messages.push(m));
  return { reassembler, data: () => messages.map(({ data }) => [...data]) };
}

Deno.test("MessageReassembler joins fragments in any order", () => {
  const { reassembler, data } = collector();
  reassembler.add(chunk(12, END, [5]));
  reassembler.add(chunk(10, BEGIN, [1, 2]));
  assertEquals(reassembler.bytes, 3);
  assertEquals(reassembler.endingAt(10)?.length, 2);
  assertEquals(data(), []);
  reassembler.add(chunk(11, 0, [3, 4]));
  assertEquals(data(), [[1, 2, 3, 4, 5]]);
  assertEquals(reassembler.bytes, 0);
});

Deno.test("MessageReassembler keeps messages apart that touch", () => {
  const { reassembler, data } = collector();
  reassembler.add(chunk(2, BEGIN, [3], 1));
  reassembler.add(chunk(1, END, [2]));
  reassembler.add(chunk(3, END, [4], 1));
  assertEquals(data(), []);
  reassembler.add(chunk(0, BEGIN, [1]));
  assertEquals(data(), [[1, 2], [3, 4]]);
});

Deno.test("MessageReassembler gives unordered messages out at once", () => {
  const { reassembler, data } = collector();
  reassembler.add(chunk(5, BEGIN | END, [2], 1));
  reassembler.add(chunk(6, BEGIN | END | UNORDERED, [3]));
  assertEquals(data(), [[3]]);
  reassembler.add(chunk(4, BEGIN | END, [1]));
  assertEquals(data(), [[3], [1], [2]]);
});

Deno.test("MessageReassembler lets no stream wait for another", () => {
  const { reassembler, data } = collector();
  reassembler.add(chunk(2, BEGIN | END, [1], 1, 7));
  reassembler.add(chunk(3, BEGIN | END, [2], 0, 8));
  assertEquals(data(), [[2]]);
});

Deno.test("MessageReassembler counts sequence numbers over their wrap", () => {
  const { reassembler, data } = collector();
  for (let i = 0; i < 65_536; i++) {
    reassembler.add(chunk(i, BEGIN | END, [], i));
  }
  reassembler.add(chunk(65_537, BEGIN | END, [2], 1));
  reassembler.add(chunk(65_536, BEGIN | END, [1], 0));
  assertEquals(data().slice(65_536), [[1], [2]]);
});

Deno.test("MessageReassembler.forward() gives up what is not whole", () => {
  const { reassembler, data } = collector();
  reassembler.add(chunk(1, BEGIN, [1], 0));
  reassembler.add(chunk(4, BEGIN | END, [2], 1));
  reassembler.add(chunk(6, BEGIN | END, [4], 3));
  reassembler.forward(5, [[0, 2]]);
  assertEquals(data(), [[2], [4]]);
  assertEquals(reassembler.bytes, 0);
});

Deno.test("MessageReassembler.forward() gives out what waits in its order", () => {
  const { reassembler, data } = collector();
  reassembler.add(chunk(8, BEGIN | END, [3], 4));
  reassembler.add(chunk(6, BEGIN | END, [1], 2));
  reassembler.add(chunk(7, BEGIN | END, [2], 3));
  reassembler.forward(5, [[0, 4]]);
  assertEquals(data(), [[1], [2], [3]]);
});

Deno.test("MessageReassembler.resetStream() starts a sequence anew", () => {
  const { reassembler, data } = collector();
  reassembler.add(chunk(1, BEGIN | END, [1], 0));
  reassembler.add(chunk(3, BEGIN | END, [9], 5));
  reassembler.resetStream(0);
  assertEquals(reassembler.bytes, 0);
  reassembler.add(chunk(2, BEGIN | END, [2], 0));
  assertEquals(data(), [[1], [2]]);
});

Deno.test("MessageReassembler gives each message out once, whole, in order", () => {
  const message = fc.record({
    streamId: fc.integer({ min: 0, max: 2 }),
    fragments: fc.array(fc.integer({ min: 0, max: 255 }), {
      minLength: 1,
      maxLength: 5,
    }),
    unordered: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      (messages, random) => {
        const sequences = [0, 0, 0];
        const chunks: ReceivedChunk[] = [];
        for (const { streamId, fragments, unordered } of messages) {
          const sequence = unordered ? 0 : sequences[streamId]++;
          fragments.forEach((byte, i) => {
            const flags = (i === 0 ? BEGIN : 0) |
              (i === fragments.length - 1 ? END : 0) |
              (unordered ? UNORDERED : 0);
            const tsn = chunks.length;
            chunks.push(chunk(tsn, flags, [byte], sequence, streamId));
          });
        }
        for (let i = chunks.length - 1; i > 0; i--) {
          const j = random.next().value % (i + 1);
          [chunks[i], chunks[j]] = [chunks[j], chunks[i]];
        }
        const received: ReceivedMessage[] = [];
        const reassembler = new MessageReassembler((m) => received.push(m));
        for (const each of chunks) reassembler.add(each);
        assertEquals(reassembler.bytes, 0);
        assertEquals(received.length, messages.length);
        for (const id of [0, 1, 2]) {
          const ordered = messages
            .filter((m) => m.streamId === id && !m.unordered)
            .map((m) => m.fragments.join());
          // Among them are unordered ones: as a subsequence in this order.
          const came = received.filter((m) => m.streamId === id)
            .map((m) => [...m.data].join());
          let at = 0;
          for (const each of came) if (each === ordered[at]) at++;
          assertEquals(at, ordered.length);
        }
      },
    ),
  );
});
