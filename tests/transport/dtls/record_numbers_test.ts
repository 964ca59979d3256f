import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { connectPair, peerTest, watchDatagrams } from "../pair.ts";

/** Epoch and number of a DTLS record (RFC 6347 section 4.1). */
function recordNumber(datagram: Uint8Array): string | undefined {
  if (datagram[0] < 20 || datagram[0] > 63) return undefined;
  return [...datagram.subarray(3, 11)].join(".");
}

peerTest(
  "No DTLS record number is used twice once records are encrypted",
  async () => {
    const numbers = new Map<Deno.DatagramConn, string[]>();
    using _watching = watchDatagrams((socket, datagram) => {
      const number = recordNumber(datagram);
      // The second epoch: the first is sent again where an answer is late.
      if (!number?.startsWith("0.1.")) return;
      const sent = numbers.get(socket) ?? [];
      numbers.set(socket, [...sent, number]);
    });
    {
      await using pair = await connectPair();
      const all = new Promise<void>((resolve) =>
        pair.remote.onMessage.subscribe(() => resolve())
      );
      pair.channel.send(Buffer.alloc(64 * 1024));
      await all;
    }
    assertEquals(numbers.size, 2);
    for (const sent of numbers.values()) {
      assert(sent.length > 10);
      assertEquals(new Set(sent).size, sent.length);
    }
  },
);
