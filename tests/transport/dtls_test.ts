import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import dgram from "node:dgram";
import { connectPair, peerTest } from "./pair.ts";

/** Epoch and number of a DTLS record (RFC 6347 section 4.1). */
function recordNumber(datagram: Uint8Array): string | undefined {
  if (datagram[0] < 20 || datagram[0] > 63) return undefined;
  return [...datagram.subarray(3, 11)].join(".");
}

peerTest(
  "No DTLS record number is used twice once records are encrypted",
  async () => {
    const numbers = new Map<dgram.Socket, string[]>();
    const { send } = dgram.Socket.prototype;
    dgram.Socket.prototype.send = function (
      this: dgram.Socket,
      ...args: unknown[]
    ): void {
      const number = recordNumber(args[0] as Uint8Array);
      // The second epoch: the first is sent again where an answer is late.
      if (number?.startsWith("0.1.")) {
        const sent = numbers.get(this) ?? [];
        numbers.set(this, [...sent, number]);
      }
      Reflect.apply(send, this, args);
    };
    try {
      await using pair = await connectPair();
      const all = new Promise<void>((resolve) =>
        pair.remote.onMessage.subscribe(() => resolve())
      );
      pair.channel.send(Buffer.alloc(64 * 1024));
      await all;
    } finally {
      dgram.Socket.prototype.send = send;
    }
    assertEquals(numbers.size, 2);
    for (const sent of numbers.values()) {
      assert(sent.length > 10);
      assertEquals(new Set(sent).size, sent.length);
    }
  },
);
