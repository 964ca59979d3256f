import { assertEquals } from "@std/assert";
import {
  packetChecksum,
  updateCrc32c,
} from "../../../lib/transport/sctp/crc32c.ts";

function crcOf(bytes: Uint8Array): number {
  return ~updateCrc32c(-1, bytes, 0, bytes.length) >>> 0;
}

Deno.test("updateCrc32c() gives the values of RFC 3720 appendix B.4", () => {
  assertEquals(crcOf(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crcOf(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assertEquals(crcOf(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  assertEquals(crcOf(new TextEncoder().encode("123456789")), 0xe3069283);
});

Deno.test("updateCrc32c() goes on where it was, at any length", () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i * 37);
  const whole = updateCrc32c(-1, bytes, 3, 97);
  for (let cut = 3; cut <= 97; cut++) {
    const first = updateCrc32c(-1, bytes, 3, cut);
    assertEquals(updateCrc32c(first, bytes, cut, 97), whole);
  }
});

Deno.test("packetChecksum() takes the checksum's own bytes for zero", () => {
  const packet = Uint8Array.from({ length: 40 }, (_, i) => i);
  const zeroed = packet.slice().fill(0, 8, 12);
  assertEquals(packetChecksum(packet), crcOf(zeroed));
});
