import { assertEquals } from "@std/assert";
import { MessageQueue } from "../../../lib/transport/sctp/message_queue.ts";

function message(bytes: number, streamSequence = 0, onSent?: () => void) {
  const data = Uint8Array.from({ length: bytes }, (_, i) => i);
  return {
    streamId: 3,
    streamSequence,
    protocol: 53,
    ordered: true,
    data,
    onSent,
  };
}

Deno.test("MessageQueue cuts messages, and marks where they begin and end", () => {
  const queue = new MessageQueue(100, 4);
  let sent = 0;
  queue.push(message(9, 0, () => sent++));
  queue.push(message(4, 1, () => sent++));
  assertEquals(queue.bytes, 13);
  const first = queue.shift();
  assertEquals([first.tsn, first.flags], [100, 2]);
  assertEquals([...first.userData], [0, 1, 2, 3]);
  assertEquals(queue.shift().flags, 0);
  assertEquals(sent, 0);
  const last = queue.shift();
  assertEquals([last.tsn, last.flags, last.userData.length], [102, 1, 1]);
  assertEquals(sent, 1);
  // The last of all asks for an acknowledgement at once.
  assertEquals(queue.shift().flags, 2 | 1 | 8);
  assertEquals([queue.bytes, queue.nextTsn, sent], [0, 104, 2]);
});

Deno.test("MessageQueue follows a change of the size of fragments", () => {
  const queue = new MessageQueue(1, 4);
  queue.push(message(12));
  queue.shift();
  queue.maxPayload = 100;
  assertEquals(queue.shift().userData.length, 8);
});

Deno.test("MessageQueue marks unordered messages", () => {
  const queue = new MessageQueue(1, 4);
  queue.push({ ...message(2), ordered: false });
  assertEquals(queue.shift().flags, 4 | 2 | 1 | 8);
});

Deno.test("MessageQueue keeps its order over many messages", () => {
  const queue = new MessageQueue(1, 4);
  const out: number[] = [];
  for (let i = 0; i < 1000; i++) {
    queue.push(message(1, i));
    queue.push(message(1, i + 1000));
    out.push(queue.shift().streamSequence);
  }
  while (queue.bytes > 0) out.push(queue.shift().streamSequence);
  const pushed = Array.from({ length: 1000 }, (_, i) => [i, i + 1000]).flat();
  assertEquals(out, pushed);
});
