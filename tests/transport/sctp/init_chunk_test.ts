import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  MAX_INIT_BYTES,
  readInit,
  writeInit,
} from "../../../lib/transport/sctp/init_chunk.ts";
import type { Init } from "../../../lib/transport/werift/association.ts";

/** What Chromium 156 puts into its offer. */
const CHROMIUM = "AQAAHpCRGssAUAAA/////7vKsirAAAAEgAgABoLA";

const uint16 = fc.integer({ min: 1, max: 0xffff });
const INITS: fc.Arbitrary<Init> = fc.record({
  tag: fc.integer({ min: 1, max: 0xffff_ffff }),
  window: fc.integer({ min: 1500, max: 0xffff_ffff }),
  outboundStreams: uint16,
  inboundStreams: uint16,
  tsn: fc.integer({ min: 0, max: 0xffff_ffff }),
  parameters: fc.array(
    fc.tuple(uint16, fc.uint8Array({ maxLength: 9 })),
    { maxLength: 5 },
  ),
});

Deno.test("readInit() reads what writeInit() writes", () => {
  fc.assert(
    fc.property(INITS, (init) => assertEquals(readInit(writeInit(init)), init)),
  );
});

Deno.test("readInit() reads Chromium's, which has no padding", () => {
  assertEquals(readInit(Uint8Array.fromBase64(CHROMIUM)), {
    tag: 0x90911acb,
    window: 5 * 1024 * 1024,
    outboundStreams: 65_535,
    inboundStreams: 65_535,
    tsn: 0xbbcab22a,
    // Forward TSN, and the chunks of RFC 6525 and RFC 3758.
    parameters: [
      [0xc000, new Uint8Array()],
      [0x8008, Uint8Array.of(130, 192)],
    ],
  });
});

Deno.test("readInit() refuses what section 3.3.2 doesn't allow", () => {
  const good = Uint8Array.fromBase64(CHROMIUM);
  const changed = (at: number, ...bytes: number[]) => {
    const copy = good.slice();
    copy.set(bytes, at);
    return copy;
  };
  const bad: Record<string, Uint8Array> = {
    nothing: new Uint8Array(),
    "cut off": good.subarray(0, 19),
    "another chunk": changed(0, 2),
    "a length beyond the end": changed(2, 0, 31),
    "a length before the parameters": changed(2, 0, 19),
    "bytes behind it": new Uint8Array([...good, 0, 0, 0, 0]),
    "a tag of 0": changed(4, 0, 0, 0, 0),
    "a window below 1500": changed(8, 0, 0, 5, 219),
    "no outbound streams": changed(12, 0, 0),
    "no inbound streams": changed(14, 0, 0),
    "a parameter of length 0": changed(22, 0, 0),
    "a parameter beyond the end": changed(26, 0, 7),
    "one that is too long": writeInit({
      ...readInit(good)!,
      parameters: [[1, new Uint8Array(MAX_INIT_BYTES)]],
    }),
  };
  for (const [what, bytes] of Object.entries(bad)) {
    assertEquals(readInit(bytes), undefined, what);
  }
});

Deno.test("readInit() takes or refuses any bytes, and throws for none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      bytes[0] = 1;
      readInit(bytes);
    }),
  );
});
