import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { HandshakeOrder } from "../../../lib/transport/dtls/message_order.ts";
import type { HandshakeFragment } from "../../../lib/transport/werift/dtls_socket.ts";

function fragment(
  message_seq: number,
  body: number[],
  from = 0,
  to = body.length,
): HandshakeFragment {
  return {
    msg_type: 10 + message_seq,
    length: body.length,
    message_seq,
    fragment_offset: from,
    fragment_length: to - from,
    fragment: Uint8Array.from(body.slice(from, to)),
  };
}

function sequences(due: ReturnType<HandshakeOrder["add"]>) {
  return due === "stale" ? due : due.map(({ sequence }) => sequence);
}

Deno.test("HandshakeOrder keeps messages back until those before have come", () => {
  const order = new HandshakeOrder();
  assertEquals(sequences(order.add(fragment(1, [2]))), []);
  assertEquals(sequences(order.add(fragment(2, []))), []);
  assertEquals(sequences(order.add(fragment(0, [1]))), [0, 1, 2]);
  assertEquals(order.next, 3);
});

Deno.test("HandshakeOrder says of what comes again that it is stale", () => {
  const order = new HandshakeOrder();
  order.add(fragment(0, [1]));
  assertEquals(order.add(fragment(0, [1])), "stale");
  assertEquals(sequences(order.add(fragment(1, [1, 2], 0, 1))), []);
  assertEquals(sequences(order.add(fragment(1, [1, 2], 0, 1))), []);
  assertEquals(sequences(order.add(fragment(1, [1, 2], 1, 2))), [1]);
});

Deno.test("HandshakeOrder keeps no message that is far ahead or too long", () => {
  const order = new HandshakeOrder();
  order.add(fragment(16, [1]));
  order.add({ ...fragment(1, [1]), length: 1 << 20 });
  for (let i = 0; i < 16; i++) order.add(fragment(i, [i]));
  assertEquals(order.next, 16);
});

Deno.test("HandshakeOrder ignores a fragment that doesn't fit its message", () => {
  const order = new HandshakeOrder();
  order.add(fragment(0, [1, 2, 3], 0, 1));
  order.add({ ...fragment(0, [9, 9, 9], 1, 3), msg_type: 99 });
  order.add({ ...fragment(0, [9, 9, 9, 9], 2, 4), msg_type: 10 });
  const due = order.add(fragment(0, [1, 2, 3], 1, 3));
  assertEquals(due === "stale" ? [] : [...due[0].body], [1, 2, 3]);
});

Deno.test("HandshakeOrder gives each message once, whole, in order", () => {
  const bodies = fc.array(fc.array(fc.nat(255), { maxLength: 8 }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(bodies, fc.infiniteStream(fc.nat()), (messages, random) => {
      const pieces = messages.flatMap((body, i) => {
        const cut = random.next().value % (body.length + 1);
        return [
          fragment(i, body, 0, cut),
          fragment(i, body, cut),
          fragment(i, body),
        ];
      });
      for (let i = pieces.length - 1; i > 0; i--) {
        const j = random.next().value % (i + 1);
        [pieces[i], pieces[j]] = [pieces[j], pieces[i]];
      }
      const order = new HandshakeOrder();
      const out: number[][] = [];
      for (const piece of pieces) {
        const due = order.add(piece);
        if (due !== "stale") out.push(...due.map(({ body }) => [...body]));
      }
      assertEquals(out, messages);
    }),
  );
});
