import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { packetChecksum } from "../../../lib/transport/sctp/crc32c.ts";
import { viewOf } from "../../../lib/transport/sctp/packet.ts";
import { hasSoundChunks } from "../../../lib/transport/sctp/sound_chunks.ts";
import { connectPair, peerTest } from "../pair.ts";

const COMMON = [19, 136, 19, 136, 0, 0, 0, 0, 0, 0, 0, 0];
/** Tag, window, streams out and in, TSN. */
const INIT = [0, 0, 0, 9, 0, 16, 0, 0, 0, 1, 0, 1, 0, 0, 0, 5];
const COOKIE = [0, 7, 0, 8, 1, 2, 3, 4];

function chunk(type: number, ...value: number[]): number[] {
  const padding = Array(3 - (value.length + 3) % 4).fill(0);
  return [type, 0, 0, 4 + value.length, ...value, ...padding];
}

const isSound = (...bytes: number[]) => {
  const packet = Uint8Array.of(...COMMON, ...bytes);
  return hasSoundChunks(packet, viewOf(packet));
};

Deno.test("hasSoundChunks takes what peers send", () => {
  assertEquals(isSound(), true);
  assertEquals(isSound(...chunk(1, ...INIT)), true);
  assertEquals(isSound(...chunk(2, ...INIT, ...COOKIE)), true);
  assertEquals(isSound(...chunk(4, 0, 1, 0, 7, 1, 2, 3)), true);
  assertEquals(isSound(...chunk(6)), true);
  // A cookie is what it likes to be.
  assertEquals(isSound(...chunk(10, 0, 0, 0, 0), ...chunk(11)), true);
  assertEquals(isSound(...chunk(0, ...Array(13).fill(0))), true);
});

Deno.test("hasSoundChunks refuses lengths that lead nowhere or beyond the end", () => {
  assertEquals(isSound(11, 0, 0, 0), false);
  assertEquals(isSound(11, 0, 0, 3), false);
  assertEquals(isSound(11, 0, 0, 5), false);
  assertEquals(isSound(...chunk(11), 11, 0, 0, 0), false);
  for (const length of [0, 3, 9, 255]) {
    const parameter = [0, 7, 0, length, 1, 2, 3, 4];
    for (const type of [1, 2]) {
      assertEquals(isSound(...chunk(type, ...INIT, ...parameter)), false);
    }
    for (const type of [4, 5, 6, 9, 130]) {
      assertEquals(isSound(...chunk(type, ...parameter)), false);
      assertEquals(isSound(...chunk(type, ...COOKIE, ...parameter)), false);
    }
  }
  assertEquals(isSound(...chunk(1, 0, 0, 0, 9)), false);
});

peerTest(
  "A length of 0 in a peer's SCTP doesn't hold the process",
  async () => {
    const refused: unknown[] = [];
    await using pair = await connectPair({
      right: { onError: (error) => refused.push(error) },
    });
    const { sctp } = pair.left.sctpTransport!;
    const { remoteVerificationTag } = sctp as unknown as {
      remoteVerificationTag: number;
    };
    const endless = [
      [11, 0, 0, 0],
      chunk(1, ...INIT, 0, 7, 0, 0),
      chunk(4, 0, 1, 0, 0),
      chunk(130, 0, 13, 0, 0),
    ];
    for (const tag of [0, remoteVerificationTag]) {
      for (const bytes of endless) {
        const packet = Uint8Array.of(...COMMON, ...bytes);
        const view = viewOf(packet);
        view.setUint32(4, tag);
        view.setUint32(8, packetChecksum(packet), true);
        await pair.left.dtlsTransports[0].sendData(Buffer.from(packet));
      }
    }
    const came = new Promise((resolve) => pair.remote.onMessage.once(resolve));
    pair.channel.send("still there");
    assertEquals(await came, "still there");
    assertEquals(refused.length, 7);
  },
);
