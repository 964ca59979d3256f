import { assert, assertEquals } from "@std/assert";
import {
  isSoundPacket,
  PacketWriter,
  readNonce,
  readSack,
  viewOf,
} from "../../../lib/transport/sctp/packet.ts";

const ADDRESS = {
  sourcePort: 5000,
  destinationPort: 5001,
  verificationTag: 0xdeadbeef,
};

Deno.test("PacketWriter writes DATA as RFC 9260 section 3.3.1 has it", () => {
  const writer = new PacketWriter(100);
  writer.begin(ADDRESS);
  writer.data({
    flags: 3,
    tsn: 0x01020304,
    streamId: 5,
    streamSequence: 6,
    protocol: 53,
    userData: Uint8Array.of(7, 8, 9),
  });
  const packet = writer.finish();
  assertEquals(packet.length, 32);
  // deno-fmt-ignore
  assertEquals([...packet.subarray(0, 8), ...packet.subarray(12)], [
    0x13, 0x88, 0x13, 0x89, 0xde, 0xad, 0xbe, 0xef,
    0, 3, 0, 19, 1, 2, 3, 4, 0, 5, 0, 6, 0, 0, 0, 53, 7, 8, 9, 0,
  ]);
  assert(isSoundPacket(packet, viewOf(packet)));
  packet[20] ^= 1;
  assert(!isSoundPacket(packet, viewOf(packet)));
});

Deno.test("PacketWriter leaves nothing of the packet before", () => {
  const writer = new PacketWriter(100);
  const chunk = { flags: 3, tsn: 1, streamId: 2, streamSequence: 3 };
  writer.begin(ADDRESS);
  writer.data({ ...chunk, protocol: 1, userData: new Uint8Array(8).fill(255) });
  writer.finish();
  writer.begin(ADDRESS);
  writer.data({ ...chunk, protocol: 1, userData: Uint8Array.of(1) });
  assertEquals([...writer.finish().subarray(28)], [1, 0, 0, 0]);
});

Deno.test("What PacketWriter writes as SACK, readSack() reads", () => {
  const sack = {
    cumulativeTsn: 0xfffffff0,
    window: 1 << 22,
    gaps: [[2, 3], [5, 65_535]] as [number, number][],
    duplicates: [0xffffffff, 7],
  };
  const writer = new PacketWriter(100);
  writer.begin(ADDRESS);
  writer.sack(sack);
  const packet = writer.finish();
  const view = viewOf(packet);
  assert(isSoundPacket(packet, view));
  assertEquals(packet[12], 3);
  assertEquals(view.getUint16(14), packet.length - 12);
  assertEquals(readSack(view, 12, packet.length - 12), sack);
  assertEquals(readSack(view, 12, packet.length - 16), undefined);
  assertEquals(readSack(view, 12, 8), undefined);
});

Deno.test("PacketWriter fills a packet behind, or in, a HEARTBEAT", () => {
  const nonce = 0xfedcba9876543210n;
  const writer = new PacketWriter(100);
  // What is there from before is not sent along.
  writer.begin(ADDRESS);
  writer.pad(88);
  writer.finish().fill(255);
  writer.begin(ADDRESS);
  writer.heartbeat(nonce);
  writer.pad(8);
  // deno-fmt-ignore
  assertEquals([...writer.finish().subarray(12)], [
    4, 0, 0, 16, 0, 1, 0, 12,
    0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10,
    132, 0, 0, 8, 0, 0, 0, 0,
  ]);
  writer.begin(ADDRESS);
  writer.heartbeat(nonce, 8);
  const packet = writer.finish();
  // deno-fmt-ignore
  assertEquals([...packet.subarray(12)], [
    4, 0, 0, 24, 0, 1, 0, 20,
    0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10,
    0, 0, 0, 0, 0, 0, 0, 0,
  ]);
  assert(isSoundPacket(packet, viewOf(packet)));
  assertEquals(readNonce(viewOf(packet), 12, 24), nonce);
  // werift's own heartbeats have four bytes.
  assertEquals(readNonce(viewOf(packet), 12, 12), undefined);
});

Deno.test("isSoundPacket() refuses what has no chunk", () => {
  const writer = new PacketWriter(100);
  writer.begin(ADDRESS);
  const packet = writer.finish();
  assert(!isSoundPacket(packet, viewOf(packet)));
  assert(!isSoundPacket(new Uint8Array(3), viewOf(new Uint8Array(3))));
});
