import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import {
  createAead,
  LibcryptoAead,
  NodeAead,
  TAG_BYTES,
} from "../../../lib/transport/dtls/aead.ts";
import { LIBCRYPTO } from "../../../lib/transport/native/libcrypto.ts";

const NODE = new NodeAead();
const FASTEST = createAead();

function input(keyBytes: number) {
  return {
    key: new Uint8Array(keyBytes).fill(7),
    nonce: Uint8Array.from({ length: 12 }, (_, i) => i),
    aad: Uint8Array.from({ length: 13 }, (_, i) => 100 + i),
  };
}

Deno.test("createAead() takes libcrypto where it may be called", () => {
  const fastest = LIBCRYPTO === undefined ? NodeAead : LibcryptoAead;
  assertEquals(FASTEST.constructor, fastest);
});

// Test case 4 of "The Galois/Counter Mode of Operation" (McGrew, Viega).
Deno.test("AES-GCM is that of its specification", () => {
  const bytes = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
  const text = bytes(
    "d9313225f88406e5a55909c5aff5269a 86a7a9531534f7da2e4c303d8a318a72 " +
      "1c3c0c95956809532fcf0e2449a6b525 b16aedf5aa0de657ba637b39",
  );
  const sealed = bytes(
    "42831ec2217774244b7221b784d0d49c e3aa212f2c02a4e035c17e2329aca12e " +
      "21d514b25466931c7d8f6a5aac84aa05 1ba30b396a0aac973d58e091 " +
      "5bc94fbc3221a5db94fae95ae7121a47",
  );
  const known = {
    key: bytes("feffe9928665731c6d6a8f9467308308"),
    nonce: bytes("cafebabefacedbaddecaf888"),
    aad: bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
  };
  for (const aead of [NODE, FASTEST]) {
    const target = new Uint8Array(sealed.length);
    aead.seal(known, text, target);
    assertEquals(Buffer.from(target), sealed);
    assertEquals(aead.open(known, sealed), text);
  }
});

for (const keyBytes of [16, 32]) {
  for (const size of [0, 1, 15, 16, 17, 1200, 16_384]) {
    Deno.test(`${size} bytes, a key of ${keyBytes}: each opens the other's`, () => {
      const content = Uint8Array.from({ length: size }, (_, i) => 3 * i);
      for (const [from, to] of [[NODE, FASTEST], [FASTEST, NODE]]) {
        const sealed = new Uint8Array(size + TAG_BYTES);
        from.seal(input(keyBytes), content, sealed);
        const opened = to.open(input(keyBytes), sealed);
        assertEquals(opened && [...opened], [...content]);
      }
    });
  }
}

Deno.test("what was changed isn't opened, and harms nothing after it", () => {
  const content = Uint8Array.of(1, 2, 3);
  for (const aead of [NODE, FASTEST]) {
    const sealed = new Uint8Array(content.length + TAG_BYTES);
    aead.seal(input(16), content, sealed);
    for (const [at] of sealed.entries()) {
      const changed = sealed.slice();
      changed[at] ^= 1;
      assertEquals(aead.open(input(16), changed), undefined);
    }
    const other = { ...input(16), aad: new Uint8Array(13) };
    assertEquals(aead.open(other, sealed), undefined);
    assertEquals([...aead.open(input(16), sealed)!], [...content]);
  }
});
