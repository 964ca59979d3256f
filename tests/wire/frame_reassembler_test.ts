import { Buffer } from "node:buffer";
import {
  assert,
  assertEquals,
  assertObjectMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  PointsError,
  type PointsErrorReason,
} from "../../lib/points/errors.ts";
import {
  type ChunkHeader,
  FRAME_HEADER_BYTES,
  type FrameInfo,
  splitFrame,
  writeChunkHeader,
} from "../../lib/wire/frame.ts";
import {
  FrameReassembler,
  type FrameReassemblerOptions,
} from "../../lib/wire/frame_reassembler.ts";

const CHUNKS = 3;

/** One message: chunk `chunk` of a frame, with a body that tells both. */
function message(
  number: number,
  chunk: number,
  changes: Partial<ChunkHeader> = {},
): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + 4);
  writeChunkHeader(bytes, {
    codec: "f32",
    number,
    points: 1,
    chunk,
    chunks: CHUNKS,
    captureTime: 1_700_000_000_000,
    ...changes,
  });
  bytes.set([number, number >> 8, number >> 16, chunk], FRAME_HEADER_BYTES);
  return bytes;
}

/** All messages of a frame. */
function messages(
  frame: number,
  changes: Partial<ChunkHeader> = {},
): Uint8Array[] {
  const { chunks = CHUNKS } = changes;
  return Array.from({ length: chunks }, (_, i) => message(frame, i, changes));
}

/** A message whose bytes from `offset` on are replaced. */
function patched(
  original: Uint8Array,
  offset: number,
  ...bytes: number[]
): Uint8Array {
  const copy = original.slice();
  copy.set(bytes, offset);
  return copy;
}

class Receiver {
  readonly frames: { info: FrameInfo; bytes: Uint8Array }[] = [];
  readonly errors: PointsError[] = [];
  readonly reassembler: FrameReassembler;

  constructor(options: Partial<FrameReassemblerOptions> = {}) {
    this.reassembler = new FrameReassembler({
      onFrame: (info, bytes) => this.frames.push({ info, bytes }),
      onInvalid: (error) => this.errors.push(error),
      ...options,
    });
  }

  push(...messages: Uint8Array[]): this {
    for (const message of messages) this.reassembler.push(message);
    return this;
  }

  get numbers(): number[] {
    return this.frames.map(({ info }) => info.number);
  }

  get reasons(): PointsErrorReason[] {
    return this.errors.map(({ reason }) => reason);
  }
}

/** A generator of uint32s that gives the same ones again (mulberry32). */
function randomUint32(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

Deno.test("FrameReassembler gives each whole frame once, in order", () => {
  const receiver = new Receiver();
  for (let frame = 0; frame < 5; frame++) {
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      assertEquals(receiver.frames.length, frame);
      receiver.push(message(frame, chunk));
    }
  }
  assertEquals(receiver.numbers, [0, 1, 2, 3, 4]);
  assertEquals(receiver.errors, []);
  const { info, bytes } = receiver.frames[2];
  assertObjectMatch({ ...info }, {
    number: 2,
    codec: "f32",
    points: 1,
    captureTime: 1_700_000_000_000,
  });
  assertEquals([...bytes], [0, 1, 2].flatMap((chunk) => [2, 0, 0, chunk]));
});

Deno.test("FrameReassembler doesn't copy a frame of one message", () => {
  const sent = messages(0, { chunks: 1 });
  const { frames } = new Receiver().push(...sent);
  assertStrictEquals(frames[0].bytes.buffer, sent[0].buffer);
  assertEquals(frames[0].bytes.byteOffset, FRAME_HEADER_BYTES);
});

Deno.test("FrameReassembler joins messages to bytes of their own", () => {
  const sent = messages(0);
  const { frames } = new Receiver().push(...sent);
  for (const message of sent) message.fill(0xff);
  assertEquals([...frames[0].bytes], [0, 1, 2].flatMap((c) => [0, 0, 0, c]));
});

Deno.test("FrameReassembler gives back what splitFrame() cut", () => {
  const data = new Uint8Array(70_000);
  const random = randomUint32(1);
  for (let i = 0; i < data.length; i++) data[i] = random();
  const receiver = new Receiver();
  let number = 0xffffffff - 20;
  for (const limit of [25, 36, 1200, 16_384, 65_536]) {
    for (const size of [0, 1, 2, 11, 12, 13, 1176, 1177, 40_000, 69_999]) {
      if (size / (limit - FRAME_HEADER_BYTES) > 0xffff) continue;
      const encoded = data.subarray(0, size);
      const info = {
        number: number++ >>> 0,
        codec: "npy" as const,
        points: size,
        captureTime: size / 3,
      };
      receiver.push(...splitFrame(encoded, info, limit));
      const frame = receiver.frames.pop()!;
      assertObjectMatch({ ...frame.info }, info);
      assert(Buffer.from(frame.bytes).equals(encoded));
    }
  }
  assertEquals(receiver.frames, []);
  assertEquals(receiver.errors, []);
});

Deno.test("FrameReassembler begins with any frame number", () => {
  for (const first of [1, 1000, 0x80000000, 0xffffffff]) {
    const receiver = new Receiver().push(...messages(first));
    assertEquals(receiver.numbers, [first]);
  }
});

Deno.test("FrameReassembler counts past numbers that the sender dropped", () => {
  const receiver = new Receiver();
  for (const frame of [0, 2, 1000]) receiver.push(...messages(frame));
  assertEquals(receiver.numbers, [0, 2, 1000]);
  assertEquals(receiver.errors, []);
});

Deno.test("FrameReassembler goes on past the wrap of the frame number", () => {
  const receiver = new Receiver();
  const numbers = [0xfffffffe, 0xffffffff, 0, 1];
  for (const frame of numbers) receiver.push(...messages(frame));
  assertEquals(receiver.numbers, numbers);
  // Of before the wrap, and so older.
  receiver.push(message(0xffffffff, 0)).push(...messages(2));
  assertEquals(receiver.numbers, [...numbers, 2]);
  assertEquals(receiver.reasons, ["stale"]);
});

/** A mistake in or around frame 10, between the good frames 9 and 11. */
interface Mistake {
  sent: Uint8Array[];
  reason: PointsErrorReason;
  /** What the error must say. */
  says: string;
  /** Whether frame 10 arrives nevertheless. */
  arrives?: boolean;
}

const [FIRST, MIDDLE, LAST] = messages(10);

const MISTAKES: Record<string, Mistake> = {
  "the first chunk twice": {
    sent: [FIRST, FIRST, MIDDLE, LAST],
    reason: "duplicate",
    says: "Chunk 0 of frame 10 came twice",
    arrives: true,
  },
  "a middle chunk twice": {
    sent: [FIRST, MIDDLE, MIDDLE, LAST],
    reason: "duplicate",
    says: "Chunk 1 of frame 10 came twice",
    arrives: true,
  },
  "the last chunk twice": {
    sent: [FIRST, MIDDLE, LAST, LAST],
    reason: "stale",
    says: "Chunk 2 of frame 10 came after frame 10 was done",
    arrives: true,
  },
  "a whole frame twice": {
    sent: [FIRST, MIDDLE, LAST, FIRST, MIDDLE, LAST],
    reason: "stale",
    says: "Chunk 0 of frame 10 came after frame 10 was done",
    arrives: true,
  },
  "the first chunk missing": {
    sent: [MIDDLE, LAST],
    reason: "missing",
    says: "Frame 10 began with chunk 1 of 3: its first chunk is missing",
  },
  "a middle chunk missing": {
    sent: [FIRST, LAST],
    reason: "missing",
    says: "Frame 10 was given up: chunk 1 of 3 is missing, 2 came",
  },
  "the last chunk missing": {
    sent: [FIRST, MIDDLE],
    reason: "missing",
    says: "Frame 10 was given up: chunk 2 of 3 is missing, frame 11 began",
  },
  "two chunks missing": {
    sent: [LAST],
    reason: "missing",
    says: "its first chunk is missing",
  },
  "two chunks in each other's place": {
    sent: [FIRST, LAST, MIDDLE],
    reason: "missing",
    says: "chunk 1 of 3 is missing, 2 came",
  },
  "all chunks in reverse": {
    sent: [LAST, MIDDLE, FIRST],
    reason: "missing",
    says: "its first chunk is missing",
  },
  "a chunk of an older frame before it": {
    sent: [message(8, 1), FIRST, MIDDLE, LAST],
    reason: "stale",
    says: "Chunk 1 of frame 8 came after frame 9 was done",
    arrives: true,
  },
  "a chunk of an older frame in its middle": {
    sent: [FIRST, message(8, 2), MIDDLE, LAST],
    reason: "stale",
    says: "Chunk 2 of frame 8 came in the middle of frame 10",
    arrives: true,
  },
  "a whole older frame before it": {
    sent: [...messages(7), FIRST, MIDDLE, LAST],
    reason: "stale",
    says: "Chunk 0 of frame 7 came after frame 9 was done",
    arrives: true,
  },
  "a whole older frame in its middle": {
    sent: [FIRST, ...messages(7), MIDDLE, LAST],
    reason: "stale",
    says: "Chunk 0 of frame 7 came in the middle of frame 10",
    arrives: true,
  },
  "a newer frame that begins early": {
    sent: [FIRST, ...messages(11), MIDDLE, LAST],
    reason: "missing",
    says: "frame 11 began",
  },
  "other points in a later chunk": {
    sent: [FIRST, message(10, 1, { points: 2 }), LAST],
    reason: "header",
    says: "chunk 1 says 2 points in 3 chunks of f32, its first said 1 in 3",
  },
  "more chunks in a later chunk": {
    sent: [FIRST, MIDDLE, message(10, 2, { chunks: 9 }), LAST],
    reason: "header",
    says: "chunk 2 says 1 points in 9 chunks",
  },
  "fewer chunks in a later chunk": {
    sent: [FIRST, message(10, 1, { chunks: 2 }), LAST],
    reason: "header",
    says: "chunk 1 says 1 points in 2 chunks",
  },
  "another codec in a later chunk": {
    sent: [FIRST, message(10, 1, { codec: "cloudini" }), LAST],
    reason: "header",
    says: "of cloudini, its first said 1 in 3 of f32",
  },
  "an index that is the count": {
    sent: [patched(message(10, 3), 12, 3, 0), FIRST, MIDDLE, LAST],
    reason: "header",
    says: "index 3 of 3 chunks",
    arrives: true,
  },
  "a count of 0": {
    sent: [message(10, 0, { chunks: 0 }), FIRST, MIDDLE, LAST],
    reason: "header",
    says: "index 0 of 0 chunks",
    arrives: true,
  },
  "a capture time that is no number": {
    sent: [message(10, 0, { captureTime: NaN }), FIRST, MIDDLE, LAST],
    reason: "header",
    says: "capture time NaN",
    arrives: true,
  },
  "an unknown version": {
    sent: [FIRST, patched(MIDDLE, 0, 2), MIDDLE, LAST],
    reason: "unsupported",
    says: "version 2, expected 1",
    arrives: true,
  },
  "an unknown codec": {
    sent: [FIRST, patched(MIDDLE, 1, 77), MIDDLE, LAST],
    reason: "unsupported",
    says: "unknown codec 77",
    arrives: true,
  },
  "an unknown flag": {
    sent: [FIRST, patched(MIDDLE, 2, 1), MIDDLE, LAST],
    reason: "unsupported",
    says: "unknown flags 0x1",
    arrives: true,
  },
  "13 bytes": {
    sent: [FIRST, new Uint8Array(13), MIDDLE, LAST],
    reason: "length",
    says: "13 bytes are fewer than the 24 of its header",
    arrives: true,
  },
  "an empty message": {
    sent: [FIRST, new Uint8Array(0), MIDDLE, LAST],
    reason: "empty",
    says: "the message is empty",
    arrives: true,
  },
};

for (const [name, mistake] of Object.entries(MISTAKES)) {
  Deno.test(`FrameReassembler tells of ${name}, once, and goes on`, () => {
    const receiver = new Receiver().push(...messages(9));
    receiver.push(...mistake.sent);
    if (receiver.numbers.at(-1) !== 11) receiver.push(...messages(11));
    receiver.push(...messages(12));
    assertEquals(
      receiver.numbers,
      mistake.arrives ? [9, 10, 11, 12] : [9, 11, 12],
    );
    assertEquals(receiver.reasons, [mistake.reason]);
    const { message } = receiver.errors[0];
    assert(message.includes(mistake.says), message);
  });
}

Deno.test("FrameReassembler tells of each chunk that comes again", () => {
  const receiver = new Receiver().push(FIRST, FIRST, FIRST, MIDDLE, LAST);
  receiver.push(LAST, LAST);
  assertEquals(receiver.numbers, [10]);
  assertEquals(
    receiver.reasons,
    ["duplicate", "duplicate", "stale", "stale"],
  );
});

Deno.test("FrameReassembler tells of each frame of one chunk that comes again", () => {
  const single = message(4, 0, { chunks: 1 });
  const receiver = new Receiver().push(single, single, single);
  receiver.push(...messages(5));
  assertEquals(receiver.numbers, [4, 5]);
  assertEquals(receiver.reasons, ["stale", "stale"]);
});

Deno.test("FrameReassembler tells of a frame that its receiver refuses", () => {
  const refused: number[] = [];
  const receiver = new Receiver({
    onFrame({ number }) {
      refused.push(number);
      throw new PointsError("unsupported", `Not frame ${number}`);
    },
  });
  receiver.push(...messages(1), ...messages(2));
  assertEquals(refused, [1, 2]);
  assertEquals(receiver.reasons, ["unsupported", "unsupported"]);
});

Deno.test("FrameReassembler lets its receiver's own errors pass", () => {
  let broken = true;
  const frames: number[] = [];
  const receiver = new Receiver({
    onFrame({ number }) {
      if (broken) throw new RangeError("not of the sender");
      frames.push(number);
    },
  });
  assertThrows(() => receiver.push(...messages(1)), RangeError);
  broken = false;
  receiver.push(...messages(2));
  assertEquals(frames, [2]);
  assertEquals(receiver.errors, []);
});

Deno.test("FrameReassembler gives up a frame over maxFrameBytes", () => {
  const receiver = new Receiver({ maxFrameBytes: 12 });
  const large = { chunks: 5 };
  receiver.push(...messages(1), ...messages(2, large), ...messages(3));
  assertEquals(receiver.numbers, [1, 3]);
  assertEquals(receiver.reasons, ["too-large"]);
  assertEquals(
    receiver.errors[0].message,
    "Frame 2 was given up: it has more than 12 bytes",
  );
});

Deno.test("FrameReassembler gives up a message over maxFrameBytes", () => {
  const receiver = new Receiver({ maxFrameBytes: 3 });
  receiver.push(message(1, 0, { chunks: 1 }));
  receiver.push(message(2, 0, { chunks: 1 }).subarray(0, 27));
  assertEquals(receiver.numbers, [2]);
  assertEquals(receiver.reasons, ["too-large"]);
});

Deno.test("FrameReassembler takes no memory for what a header claims", () => {
  const receiver = new Receiver();
  const claims = { chunks: 0xffff, points: 0xffffffff };
  const before = Deno.memoryUsage();
  const first = message(0, 0, claims);
  for (let frame = 0; frame < 1000; frame++) {
    // Each takes the place of the one before, and claims terabytes.
    receiver.push(patched(first, 4, frame, frame >> 8));
  }
  const after = Deno.memoryUsage();
  const grown = after.heapTotal + after.external -
    before.heapTotal - before.external;
  assert(grown < 64 * 1024 * 1024, `${grown} bytes more`);
  assertEquals(receiver.errors.length, 999);
  receiver.push(...messages(1000));
  assertEquals(receiver.numbers, [1000]);
});

Deno.test("FrameReassembler takes a sender that starts again at frame 0", () => {
  const receiver = new Receiver();
  for (const frame of [41, 42]) receiver.push(...messages(frame));
  // The first frame may be a stray one; the second shows the new start.
  for (const frame of [0, 1, 2]) receiver.push(...messages(frame));
  for (const frame of [0, 1, 2, 3]) receiver.push(...messages(frame));
  assertEquals(receiver.numbers, [41, 42, 1, 2, 1, 2, 3]);
  assertEquals(receiver.reasons, ["stale", "stale"]);
});

Deno.test("FrameReassembler takes a new start in the middle of a frame", () => {
  const receiver = new Receiver().push(message(42, 0));
  for (const frame of [0, 1, 2]) receiver.push(...messages(frame));
  assertEquals(receiver.numbers, [1, 2]);
  assertEquals(receiver.reasons, ["stale", "missing"]);
});

Deno.test("FrameReassembler takes a number again that it had given up", () => {
  for (const broken of [1, 2, 3]) {
    const receiver = new Receiver().push(message(broken, 0));
    receiver.push(message(broken, 2));
    for (const frame of [0, 1, 2, 3, 4]) receiver.push(...messages(frame));
    assertEquals(receiver.numbers, [1, 2, 3, 4]);
    assertEquals(receiver.reasons, ["missing", "stale"]);
  }
});

Deno.test("FrameReassembler survives 20,000 mutated messages", () => {
  const random = randomUint32(20_000);
  const below = (limit: number) => random() % limit;
  const receiver = new Receiver({ maxFrameBytes: 1000 });
  let frame = 0;

  function mutated(): Uint8Array {
    const chunk = below(CHUNKS);
    const original = message(frame + below(3) - 1 >>> 0, chunk);
    switch (below(6)) {
      case 0:
        return original.subarray(0, below(original.length + 1));
      case 1:
        return original;
      default: {
        // Most changes leave a header that can be read.
        for (let changes = 1 + below(3); changes > 0; changes--) {
          const at = below(4) === 0 ? below(4) : 4 + below(20);
          original[at] = below(2) ? random() : original[at] ^ 1 << below(8);
        }
        return original;
      }
    }
  }

  let arrived = 0;
  for (let round = 0; round < 2000; round++) {
    for (let i = 0; i < 10; i++) receiver.push(mutated());
    receiver.frames.length = 0;
    frame = (frame + 5) >>> 0;
    receiver.push(...messages(frame), ...messages(frame + 1 >>> 0));
    if (receiver.frames.length === 2) arrived++;
    // The first may be what shows that the sender is somewhere else now.
    const last = receiver.frames.at(-1);
    assertEquals(last?.info.number, frame + 1 >>> 0, `round ${round}`);
    assertEquals([3, 7, 11].map((i) => last?.bytes[i]), [0, 1, 2]);
    frame = frame + 1 >>> 0;
  }
  assert(arrived > 0 && receiver.errors.length > 2000);
});
