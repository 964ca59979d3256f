import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { checksumCloud } from "../../lib/points/checksum.ts";
import type { PointsErrorReason } from "../../lib/points/errors.ts";
import { encodeF32 } from "../../lib/points/f32/f32.ts";
import {
  float32Fields,
  pointCloud,
  toFloat32,
} from "../../lib/points/cloud.ts";
import { createEncoder } from "../../lib/points/codecs.ts";
import {
  type EncodedFrame,
  POINTS_PROTOCOL,
  splitFrame,
} from "../../lib/wire/frame.ts";
import { noPoints } from "../../lib/session/points_counters.ts";
import { PointsReceiver } from "../../lib/session/points_receiver.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const CAPTURED = 1_700_000_000_000;

/** Values of a cloud whose first point carries the frame number. */
function cloudValues(frame: number, points = 3): Float32Array {
  const values = new Float32Array(points * 3);
  for (let i = 0; i < values.length; i++) values[i] = i + frame / 128;
  return values.fill(frame, 0, 3);
}

/** The messages of a `pointwire.v1` frame. */
function frameMessages(
  frame: number,
  options: { points?: number; claimed?: number; chunkBytes?: number } = {},
): Uint8Array[] {
  const { points = 3, claimed = points, chunkBytes = 16_384 } = options;
  const info = {
    number: frame,
    codec: "f32" as const,
    points: claimed,
    captureTime: CAPTURED,
  };
  const encoded = encodeF32(cloudValues(frame, points));
  return [...splitFrame(encoded, info, chunkBytes)];
}

/** One message of the original's dialect. */
function rawMessage(frame: number, points = 3): Uint8Array {
  return encodeF32(cloudValues(frame, points)).slice();
}

/** A `.npy` file of (N, 3) float32. */
function npyMessage(values: Float32Array): Uint8Array {
  const shape = `(${values.length / 3}, 3)`;
  const header =
    `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const text = `\x93NUMPY\x01\x00\x76\x00${header.padEnd(117)}\n`;
  const bytes = new Uint8Array(128 + values.byteLength);
  bytes.set(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  bytes.set(encodeF32(values), 128);
  return bytes;
}

interface Receiver extends Disposable {
  receiver: PointsReceiver;
  counters: ReturnType<typeof noPoints>;
  clouds: (EncodedFrame & { values: Float32Array })[];
  /** Texts sent to the peer, as JSON. */
  sent: Record<string, unknown>[];
  /** Lines of the log, as JSON. */
  lines: Record<string, unknown>[];
}

function setUp(protocol: string, counters = noPoints()): Receiver {
  const clouds: Receiver["clouds"] = [];
  const sent: Record<string, unknown>[] = [];
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    format: "json",
    write: (line) => lines.push(JSON.parse(line)),
  });
  const receiver = new PointsReceiver({
    stream: "front",
    protocol,
    counters,
    log,
    sendText: (text) => sent.push(JSON.parse(text)),
    // The values are only lent.
    onCloud: (cloud, frame) =>
      clouds.push({ ...frame, values: toFloat32(cloud).slice() }),
  });
  const dispose = () => receiver[Symbol.dispose]();
  return { receiver, counters, clouds, sent, lines, [Symbol.dispose]: dispose };
}

Deno.test("PointsReceiver says hello where our protocol is spoken, and only there", () => {
  using ours = setUp(POINTS_PROTOCOL);
  assertEquals(ours.sent, [{ type: "hello", protocol: "pointwire.v1" }]);
  assertEquals(ours.counters.dialect, "pointwire");
  using original = setUp("");
  original.receiver.receive(rawMessage(0));
  assertEquals(original.sent, []);
  assertEquals(original.counters.dialect, "original");
});

Deno.test("PointsReceiver reads frames of pointwire.v1", () => {
  using test = setUp(POINTS_PROTOCOL);
  for (const frame of [0, 1]) {
    for (const message of frameMessages(frame, { chunkBytes: 24 + 10 })) {
      test.receiver.receive(message);
    }
  }
  assertEquals(test.counters, {
    ...noPoints(),
    frames: 2,
    points: 6,
    bytes: 72,
    lastFrame: 1,
    codec: "f32",
    dialect: "pointwire",
  });
  const [, cloud] = test.clouds;
  assertEquals([cloud.stream, cloud.codec], ["front", "f32"]);
  assertEquals([cloud.number, cloud.points], [1, 3]);
  assertEquals(cloud.captureTime, CAPTURED);
  assertEquals(cloud.values, cloudValues(1));
  // As it came, to be handed on.
  assertEquals(cloud.bytes, encodeF32(cloudValues(1)));
});

Deno.test("PointsReceiver reads raw clouds of the original", () => {
  using test = setUp("");
  for (const frame of [0, 1, 2]) test.receiver.receive(rawMessage(frame));
  assertEquals(test.counters, {
    ...noPoints(),
    frames: 3,
    points: 9,
    bytes: 108,
    lastFrame: 2,
    codec: "f32",
    dialect: "original",
  });
  assertEquals(test.clouds.map(({ number }) => number), [0, 1, 2]);
  const [, cloud] = test.clouds;
  assertEquals(cloud.codec, "f32");
  assertEquals(cloud.values, cloudValues(1));
});

Deno.test("PointsReceiver reads .npy clouds of the original", () => {
  using test = setUp("");
  const values = cloudValues(7, 100);
  test.receiver.receive(npyMessage(values));
  assertEquals(test.counters.invalid, 0);
  const [cloud] = test.clouds;
  assertEquals([cloud.codec, cloud.number, cloud.points], ["npy", 7, 100]);
  assertEquals(cloud.values, values);
  assertEquals(test.counters.bytes, 128 + 1200);
  // And raw ones between them.
  test.receiver.receive(rawMessage(8));
  assertEquals(test.counters.codec, "f32");
});

Deno.test("PointsReceiver counts where the first point carries no frame number", () => {
  using test = setUp("");
  for (const first of [0.5, -1, NaN, Infinity]) {
    const values = cloudValues(0).fill(first, 0, 3);
    test.receiver.receive(encodeF32(values));
  }
  test.receiver.receive(rawMessage(100));
  assertEquals(test.clouds.map(({ number }) => number), [0, 1, 2, 3, 100]);
});

Deno.test("PointsReceiver counts the frames that the sender dropped", () => {
  using test = setUp(POINTS_PROTOCOL);
  for (const frame of [5, 6, 9, 10, 13]) {
    for (const message of frameMessages(frame)) test.receiver.receive(message);
  }
  assertEquals(test.counters.skipped, 4);
  assertEquals([test.counters.frames, test.counters.invalid], [5, 0]);
});

Deno.test("PointsReceiver counts past the wrap of the frame number", () => {
  using test = setUp(POINTS_PROTOCOL);
  for (const frame of [0xfffffffe, 0xffffffff, 0, 2]) {
    for (const message of frameMessages(frame)) test.receiver.receive(message);
  }
  assertEquals([test.counters.frames, test.counters.skipped], [4, 1]);
  assertEquals([test.counters.invalid, test.counters.lastFrame], [0, 2]);
});

Deno.test("PointsReceiver acknowledges frames of pointwire.v1", () => {
  using test = setUp(POINTS_PROTOCOL);
  for (const message of frameMessages(3)) test.receiver.receive(message);
  const [, ack] = test.sent;
  const { type, frame, points, frames, checksums } = ack;
  assertEquals([type, frame, points, frames], ["ack", 3, 3, 1]);
  assertEquals(checksums, undefined);
});

Deno.test("PointsReceiver tells checksums where it is asked for them", () => {
  using test = setUp(POINTS_PROTOCOL);
  test.receiver.receive('{"type":"verify"}');
  for (const message of frameMessages(3)) test.receiver.receive(message);
  const [, ack] = test.sent;
  assertEquals(ack.checksums, [[3, checksumCloud(pointCloud(cloudValues(3)))]]);
  assertEquals(test.counters.invalid, 0);
});

Deno.test("PointsReceiver sends no acknowledgement once disposed of", () => {
  const test = setUp(POINTS_PROTOCOL);
  for (const frame of [0, 1]) {
    for (const message of frameMessages(frame)) test.receiver.receive(message);
  }
  // The second one's is due later: a timer that the test must not leave.
  assertEquals(test.sent.length, 2);
  test[Symbol.dispose]();
  test[Symbol.dispose]();
});

interface BadMessage {
  message: Uint8Array | string;
  reason: PointsErrorReason;
  says: string;
}

const TEXT: BadMessage = {
  message: "hello there",
  reason: "text",
  says: 'A text message came where points are due: "hello there"',
};

const BAD_MESSAGES: Record<string, Record<string, BadMessage>> = {
  [POINTS_PROTOCOL]: {
    "13 bytes": {
      message: new Uint8Array(13),
      reason: "length",
      says: "13 bytes are fewer than the 24 of its header",
    },
    "an empty message": {
      message: new Uint8Array(0),
      reason: "empty",
      says: "the message is empty",
    },
    "a text message": TEXT,
    "a message of the server's": {
      message: '{"type":"hello","protocol":"pointwire.v1"}',
      reason: "text",
      says: "A text message came where points are due",
    },
    "more points than it says": {
      message: frameMessages(1, { points: 3, claimed: 2 })[0],
      reason: "header",
      says: "Frame 1 says 2 points and holds 3",
    },
    "fewer points than it says": {
      message: frameMessages(1, { points: 3, claimed: 4_000_000_000 })[0],
      reason: "header",
      says: "Frame 1 says 4000000000 points and holds 3",
    },
    "part of a point": {
      message: frameMessages(1)[0].subarray(0, 24 + 13),
      reason: "length",
      says: "13 bytes are not a whole number of points",
    },
    "a chunk of an older frame": {
      message: frameMessages(0)[0],
      reason: "stale",
      says: "Chunk 0 of frame 0 came after frame 0 was done",
    },
    "a chunk from a frame's middle": {
      message: frameMessages(1, { chunkBytes: 34 })[1],
      reason: "missing",
      says: "its first chunk is missing",
    },
    "a message of the original's": {
      message: rawMessage(1),
      reason: "unsupported",
      says: "version 0, expected 1",
    },
  },
  "": {
    "13 bytes": {
      message: new Uint8Array(13),
      reason: "length",
      says: "13 bytes are not a whole number of points",
    },
    "an empty message": {
      message: new Uint8Array(0),
      reason: "empty",
      says: "the message is empty",
    },
    "a text message": TEXT,
    "a message of ours": {
      message: '{"type":"verify"}',
      reason: "text",
      says: "A text message came where points are due",
    },
    "a file cut off": {
      message: npyMessage(cloudValues(1)).subarray(0, 140),
      reason: "length",
      says: "shape (3, 3) needs 36 bytes, 12 follow",
    },
  },
};

for (const [protocol, messages] of Object.entries(BAD_MESSAGES)) {
  const name = protocol || "the original's dialect";
  const good = (frame: number) =>
    protocol === "" ? [rawMessage(frame)] : frameMessages(frame);
  for (const [what, { message, reason, says }] of Object.entries(messages)) {
    Deno.test(`PointsReceiver counts ${what} in ${name}, and goes on`, () => {
      using test = setUp(protocol);
      for (const part of good(0)) test.receiver.receive(part);
      const lines = test.lines.length;
      test.receiver.receive(message);
      for (const part of good(2)) test.receiver.receive(part);
      assertEquals(test.clouds.map(({ number }) => number), [0, 2]);
      assertEquals(test.counters.frames, 2);
      assertEquals(test.counters.invalid, 1);
      assertEquals(test.counters.invalidReasons, { [reason]: 1 });
      const [line] = test.lines.slice(lines);
      assertEquals(line.level, "warn");
      assertEquals(line.reason, reason);
      assertStringIncludes(line.error as string, says);
    });
  }
}

Deno.test("PointsReceiver counts each mistake by its reason", () => {
  using test = setUp("");
  for (const length of [13, 0, 14, 25, 0]) {
    test.receiver.receive(new Uint8Array(length));
  }
  test.receiver.receive("text");
  assertEquals(test.counters.invalid, 6);
  assertEquals(test.counters.invalidReasons, { length: 3, empty: 2, text: 1 });
});

Deno.test("PointsReceiver logs no more than the start of a text", () => {
  using test = setUp("");
  test.receiver.receive("x".repeat(100_000));
  assert(JSON.stringify(test.lines[0]).length < 500);
});

Deno.test("PointsReceiver adds to the counters that a session's channels share", () => {
  const counters = noPoints();
  using first = setUp(POINTS_PROTOCOL, counters);
  using second = setUp("", counters);
  for (const message of frameMessages(0)) first.receiver.receive(message);
  second.receiver.receive(rawMessage(1));
  first.receiver.receive(new Uint8Array(1));
  second.receiver.receive(new Uint8Array(1));
  assertEquals([counters.frames, counters.invalid], [2, 2]);
  assertEquals([first.clouds.length, second.clouds.length], [1, 1]);
});

Deno.test("PointsReceiver throws nothing, whatever bytes come", () => {
  const magic = [0x93, ...new TextEncoder().encode("NUMPY\x01\x00")];
  for (const protocol of [POINTS_PROTOCOL, ""]) {
    using test = setUp(protocol);
    const valid = [...frameMessages(1), rawMessage(1)];
    valid.push(npyMessage(cloudValues(1)));
    for (let i = 0; i < 5000; i++) {
      const bytes = i % 2 === 0
        ? crypto.getRandomValues(new Uint8Array(i % 97))
        : valid[i % valid.length].slice();
      for (let changes = i % 4; changes > 0; changes--) {
        const [at, value] = crypto.getRandomValues(new Uint32Array(2));
        if (bytes.length > 0) bytes[at % bytes.length] = value;
      }
      if (i % 8 === 0) bytes.set(magic.slice(0, bytes.length));
      test.receiver.receive(bytes);
    }
    assert(test.counters.invalid > 1000);
  }
});

/** A receiver that is asked for no values. */
function receiveEncoded() {
  const frames: EncodedFrame[] = [];
  const counters = noPoints();
  const receiver = new PointsReceiver({
    stream: "front",
    protocol: POINTS_PROTOCOL,
    counters,
    log: createLogger({ write: () => {} }),
    sendText: () => {},
    onFrame: (frame) => frames.push(frame),
  });
  return { receiver, counters, frames };
}

/** A Cloudini frame of one message, whose only chunk of points is damaged. */
function damagedFrame(): Uint8Array {
  const encoder = createEncoder("cloudini");
  const { bytes } = encoder.encode(pointCloud(cloudValues(0, 100)));
  const info = { number: 0, codec: "cloudini" as const, points: 100 };
  const [message] = splitFrame(bytes, { ...info, captureTime: 1 }, 16_384);
  return message.fill(0xff, -20);
}

Deno.test("PointsReceiver decodes nothing where nobody wants values", () => {
  const { receiver, counters, frames } = receiveEncoded();
  using _ = receiver;
  receiver.receive(damagedFrame());
  assertEquals([counters.frames, counters.invalid], [1, 0]);
  const [{ bytes, ...frame }] = frames;
  assertEquals(frame, {
    number: 0,
    codec: "cloudini",
    points: 100,
    captureTime: 1,
    ...float32Fields(["x", "y", "z"]),
    width: 100,
    height: 1,
    stream: "front",
  });
  assertEquals(counters.bytes, bytes.length);
});

Deno.test("PointsReceiver decodes where values are wanted", () => {
  using test = setUp(POINTS_PROTOCOL);
  test.receiver.receive(damagedFrame());
  assertEquals([test.counters.frames, test.counters.invalid], [0, 1]);
  // Where the peer asks for checksums, too.
  const { receiver, counters } = receiveEncoded();
  using _ = receiver;
  receiver.receive('{"type":"verify"}');
  receiver.receive(damagedFrame());
  assertEquals([counters.frames, counters.invalid], [0, 1]);
});

Deno.test("PointsReceiver checks what a frame says of itself, decoded or not", () => {
  const { receiver, counters, frames } = receiveEncoded();
  using _ = receiver;
  for (const message of frameMessages(0, { claimed: 4 })) {
    receiver.receive(message);
  }
  assertEquals(counters.invalidReasons, { header: 1 });
  assertEquals(frames, []);
});
