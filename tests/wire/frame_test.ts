import { Buffer } from "node:buffer";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  PointsError,
  type PointsErrorReason,
} from "../../lib/points/errors.ts";
import {
  type ChunkHeader,
  FRAME_HEADER_BYTES,
  type FrameInfo,
  isNewerNumber,
  readChunkHeader,
  splitFrame,
  writeChunkHeader,
} from "../../lib/wire/frame.ts";
import { FRAME_CODECS } from "../../lib/points/codec.ts";

const HEADER: ChunkHeader = {
  codec: "npy",
  number: 0x01020304,
  points: 0x0a0b0c0d,
  chunk: 0x1112,
  chunks: 0x2122,
  captureTime: 1_700_000_000_123.5,
};

const INFO: FrameInfo = {
  codec: "f32",
  number: 7,
  points: 100,
  captureTime: 1_700_000_000_000,
};

function headerBytes(changes: Partial<ChunkHeader> = {}): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  writeChunkHeader(bytes, { ...HEADER, ...changes });
  return bytes;
}

function assertRefused(
  bytes: Uint8Array,
  reason: PointsErrorReason,
  text: string,
): void {
  const error = assertThrows(() => readChunkHeader(bytes), PointsError, text);
  assertEquals(error.reason, reason);
}

Deno.test("writeChunkHeader() lays a header out as the table says", () => {
  const captureTime = new Uint8Array(
    new Float64Array([HEADER.captureTime]).buffer,
  );
  assertEquals([...headerBytes()], [
    ...[1, 1, 0, 0],
    ...[0x04, 0x03, 0x02, 0x01],
    ...[0x0d, 0x0c, 0x0b, 0x0a],
    ...[0x12, 0x11, 0x22, 0x21],
    ...captureTime,
  ]);
});

Deno.test("writeChunkHeader() writes no further than the header", () => {
  const buffer = new Uint8Array(5 + FRAME_HEADER_BYTES + 5).fill(0xee);
  writeChunkHeader(buffer.subarray(5), HEADER);
  assertEquals(buffer.subarray(5, 29), headerBytes());
  for (const i of [0, 4, 29, 33]) assertEquals(buffer[i], 0xee);
});

Deno.test("readChunkHeader() reads what writeChunkHeader() wrote", () => {
  const headers: Partial<ChunkHeader>[] = [
    {},
    { number: 0, points: 0, chunk: 0, chunks: 1, captureTime: 0 },
    { number: 0xffffffff, points: 0xffffffff, chunk: 0xfffe, chunks: 0xffff },
    { captureTime: -1.25 },
    ...FRAME_CODECS.map((codec) => ({ codec })),
  ];
  for (const changes of headers) {
    const expected = { ...HEADER, ...changes };
    assertEquals(readChunkHeader(headerBytes(changes)), expected);
  }
});

Deno.test("readChunkHeader() reads at any offset, with or without a body", () => {
  for (let offset = 0; offset < 4; offset++) {
    const buffer = new Uint8Array(offset + FRAME_HEADER_BYTES + 12);
    buffer.set(headerBytes(), offset);
    assertEquals(readChunkHeader(buffer.subarray(offset)), HEADER);
  }
});

Deno.test("readChunkHeader() refuses an empty message", () => {
  assertRefused(new Uint8Array(0), "empty", "the message is empty");
});

Deno.test("readChunkHeader() refuses fewer bytes than a header", () => {
  for (let length = 1; length < FRAME_HEADER_BYTES; length++) {
    const text = `${length} bytes are fewer than the 24 of its header`;
    assertRefused(headerBytes().subarray(0, length), "length", text);
  }
});

Deno.test("readChunkHeader() refuses versions that it doesn't know", () => {
  for (const version of [0, 2, 255]) {
    const bytes = headerBytes();
    bytes[0] = version;
    assertRefused(bytes, "unsupported", `version ${version}, expected 1`);
  }
});

Deno.test("readChunkHeader() refuses codecs that it doesn't know", () => {
  for (const codec of [FRAME_CODECS.length, 100, 255]) {
    const bytes = headerBytes();
    bytes[1] = codec;
    assertRefused(bytes, "unsupported", `unknown codec ${codec}`);
  }
});

Deno.test("readChunkHeader() refuses each flag", () => {
  for (let bit = 0; bit < 16; bit++) {
    const bytes = headerBytes();
    new DataView(bytes.buffer).setUint16(2, 1 << bit, true);
    const hex = (1 << bit).toString(16);
    assertRefused(bytes, "unsupported", `unknown flags 0x${hex}`);
  }
});

Deno.test("readChunkHeader() refuses an index that is not below the count", () => {
  for (const [chunk, chunks] of [[0, 0], [1, 1], [5, 4], [0xffff, 0xffff]]) {
    const text = `index ${chunk} of ${chunks} chunks`;
    assertRefused(headerBytes({ chunk, chunks }), "header", text);
  }
});

Deno.test("readChunkHeader() refuses a capture time that is no time", () => {
  for (const captureTime of [NaN, Infinity, -Infinity]) {
    const text = `capture time ${captureTime}`;
    assertRefused(headerBytes({ captureTime }), "header", text);
  }
});

Deno.test("splitFrame() cuts a frame into messages within the limit", () => {
  const encoded = crypto.getRandomValues(new Uint8Array(10_000));
  for (const size of [0, 1, 75, 76, 77, 152, 9_999, 10_000]) {
    for (const limit of [25, 100, 1200, 10_024, 16_384]) {
      const part = encoded.subarray(0, size);
      const messages = [...splitFrame(part, INFO, limit)];
      const chunks = Math.max(1, Math.ceil(size / (limit - 24)));
      assertEquals(messages.length, chunks);
      for (const [chunk, message] of messages.entries()) {
        assert(message.length <= limit);
        assertEquals(readChunkHeader(message), { ...INFO, chunk, chunks });
      }
      const bodies = messages.map((m) => m.subarray(FRAME_HEADER_BYTES));
      assert(Buffer.concat(bodies).equals(part));
    }
  }
});

Deno.test("splitFrame() gives buffers of their own", () => {
  const encoded = Uint8Array.of(1, 2, 3);
  const messages = [...splitFrame(encoded, INFO, 25)];
  encoded.fill(0);
  assertEquals(messages.map((message) => message[24]), [1, 2, 3]);
  const buffers = new Set(messages.map((message) => message.buffer));
  assertEquals(buffers.size, 3);
});

Deno.test("splitFrame() uses all 65,535 chunks and no more", () => {
  const encoded = new Uint8Array(0xffff);
  let last: Uint8Array | undefined;
  for (const message of splitFrame(encoded, INFO, 25)) last = message;
  const { chunk, chunks } = readChunkHeader(last!);
  assertEquals([chunk, chunks], [0xfffe, 0xffff]);

  const error = assertThrows(
    () => [...splitFrame(new Uint8Array(0x10000), INFO, 25)],
    PointsError,
    "it takes more than 65535 of them",
  );
  assertEquals(error.reason, "too-large");
});

Deno.test("splitFrame() refuses a limit that leaves no room", () => {
  for (const limit of [24, 23, 0, -1]) {
    for (const size of [0, 100]) {
      const error = assertThrows(
        () => [...splitFrame(new Uint8Array(size), INFO, limit)],
        PointsError,
        `in messages of ${limit} bytes`,
      );
      assertEquals(error.reason, "too-large");
    }
  }
});

Deno.test("isNewerNumber() counts on past the wrap", () => {
  const cases: [a: number, b: number, newer: boolean][] = [
    [1, 0, true],
    [0, 1, false],
    [5, 5, false],
    [0, 0xffffffff, true],
    [0xffffffff, 0, false],
    [0x7fffffff, 0, true],
    // Just half way round neither is the newer one (RFC 1982 section 3.2).
    [0x80000000, 0, false],
    [0, 0x80000000, false],
    [100, 0xffffff00, true],
  ];
  for (const [a, b, newer] of cases) {
    assertEquals(isNewerNumber(a, b), newer, `${a} after ${b}`);
  }
});
