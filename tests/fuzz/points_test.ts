import { assert, assertEquals } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { createDecoder } from "../../lib/points/codecs.ts";
import { PointsError } from "../../lib/points/errors.ts";
import { FRAME_CODECS } from "../../lib/points/codec.ts";
import { FrameReassembler } from "../../lib/wire/frame_reassembler.ts";
import { noPoints } from "../../lib/session/points_counters.ts";
import { PointsReceiver } from "../../lib/session/points_receiver.ts";
import {
  parseClientMessage,
  parseServerMessage,
} from "../../lib/wire/messages.ts";
import { AckTracker } from "../../lib/publishing/ack_tracker.ts";
import { zstdCompress, zstdDecompress } from "../../lib/points/zstd/zstd.ts";
import { loadWasmZstd } from "../../lib/points/zstd/wasm.ts";
import { decodeFile, encodeFile } from "../../lib/points/formats.ts";
import { encodePcd } from "../../lib/points/pcd/pcd.ts";
import { encodePly } from "../../lib/points/ply/ply.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { anyRecord, las, RECORD_BYTES } from "../points/las/support.ts";
import { encodedClouds, frameMessages, spiral } from "./clouds.ts";
import { fuzz } from "./fuzz.ts";
import { fuzzTest } from "./settings.ts";

/** Runs what may refuse its input, and in no other way than by a PointsError. */
function orRefused<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof PointsError) return undefined;
    throw error;
  }
}

/** As `orRefused`, of what takes its time. */
async function orRefusedLater<T>(
  run: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof PointsError) return undefined;
    throw error;
  }
}

for (const codec of FRAME_CODECS) {
  fuzzTest([], `the ${codec} decoder`, async () => {
    const decoder = createDecoder(codec);
    const corpus = encodedClouds(codec);
    await fuzz({ name: codec, corpus }, ([bytes]) => {
      const cloud = orRefused(() => decoder.decode(bytes));
      if (cloud === undefined) return;
      assertEquals(cloud.data.length, cloud.points * cloud.stride);
    });
  });
}

fuzzTest([], "zstd, in node:zlib and in WebAssembly", async () => {
  const browser = await loadWasmZstd();
  const corpus = encodedClouds("f32").flatMap((bytes) => [
    zstdCompress(bytes, 1),
    zstdCompress(bytes, 9),
  ]);
  await fuzz({ name: "zstd", corpus }, ([bytes]) => {
    const one = orRefused(() => zstdDecompress(bytes, 1 << 20));
    const other = orRefused(() => browser.decompress(bytes, 1 << 20));
    if (one && other) assertEquals(one, Uint8Array.from(other));
  });
});

fuzzTest([], "files of points", async () => {
  const clouds = [
    ...[spiral(1), spiral(40), spiral(30, ["x", "y", "z", "rgb"])],
    typedCloud("x:f8,y:f8,z:f8,red:u1,green:u1,blue:u1,t:i8", [
      [1, 2, 3, 255, 0, 7, -(2n ** 60n)],
      [4, 5, 6, 1, 2, 3, 5n],
    ]),
  ];
  const corpora: Record<string, Uint8Array[]> = {
    ".pcd": clouds.flatMap((cloud) =>
      (["ascii", "binary", "binary_compressed"] as const).map((data) =>
        encodePcd(cloud, { data })
      )
    ),
    ".ply": clouds.flatMap((cloud) =>
      (["ascii", "binary_little_endian", "binary_big_endian"] as const)
        .map((format) => encodePly(cloud, { format }))
    ),
    ...Object.fromEntries(
      [".bin", ".npy", ".cloudini"].map((extension) => [
        extension,
        clouds.map((cloud) => encodeFile(extension, cloud)),
      ]),
    ),
    ".las": [0, 3, 8].map((format) => {
      const records = [1, 2, 3].map((i) => anyRecord(RECORD_BYTES[format], i));
      return las({ format, records, scales: [0.01, 0.01, 0.01] });
    }),
    ".laz": [],
    ".csv": ["x,y,z,t\n1,2.5,-3e2,1700000000123456789\n4,,6,7\n", "1 2 3\n"]
      .map((text) => new TextEncoder().encode(text)),
  };
  for await (const { name } of Deno.readDir("tests/data/clouds")) {
    const file = await Deno.readFile(`tests/data/clouds/${name}`);
    corpora[name.slice(-4)]?.push(file);
  }
  for (const [extension, corpus] of Object.entries(corpora)) {
    const name = `files ${extension}`;
    await fuzz({ name, corpus }, async ([bytes]) => {
      const cloud = await orRefusedLater(() => decodeFile(extension, bytes));
      if (cloud === undefined) return;
      assertEquals(cloud.data.length, cloud.points * cloud.stride);
    });
  }
});

fuzzTest([], "the reassembly of frames", async () => {
  const corpus = frameMessages();
  const options = { name: "reassembler", corpus, most: 12 };
  await fuzz(options, (messages) => {
    const sent = messages.reduce((sum, { length }) => sum + length, 0);
    let [received, told] = [0, 0];
    const reassembler = new FrameReassembler({
      onFrame: (_, bytes) => {
        received += bytes.length;
      },
      onInvalid: () => told++,
    });
    for (const message of messages) reassembler.push(message);
    assert(received <= sent && told <= 2 * messages.length);
  });
});

for (const protocol of ["pointwire.v1", ""]) {
  const name = protocol === "" ? "the original's points" : "a points channel";
  fuzzTest([], name, async () => {
    const texts = TEXTS.map((text) => new TextEncoder().encode(text));
    const corpus = protocol === ""
      ? [...encodedClouds("f32"), ...encodedClouds("npy")]
      : [...frameMessages(), ...texts];
    await fuzz({ name, corpus, most: 8 }, (messages) => {
      const counters = noPoints();
      let clouds = 0;
      using receiver = new PointsReceiver({
        stream: "points",
        protocol,
        sendText: (text) => assert(parseServerMessage(text) !== undefined),
        counters,
        log: createLogger({ level: "debug", write: () => {} }),
        onCloud: () => clouds++,
      });
      for (const message of messages) {
        const isText = message[0] === "{".charCodeAt(0);
        receiver.receive(isText ? new TextDecoder().decode(message) : message);
      }
      assertEquals(counters.frames, clouds);
      const reasons: number[] = Object.values(counters.invalidReasons);
      assertEquals(reasons.reduce((sum, n) => sum + n, 0), counters.invalid);
      for (const count of [counters.skipped, counters.points, counters.bytes]) {
        assert(Number.isSafeInteger(count) && count >= 0);
      }
    });
  });
}

const TEXTS = [
  `{"type":"hello","protocol":"pointwire.v1"}`,
  `{"type":"ack","frame":3,"points":100,"frames":4,"receivedAt":1,"heldMs":2}`,
  `{"type":"ack","frame":1,"points":1,"frames":1,"receivedAt":1.5,"heldMs":0,` +
  `"checksums":[[0,12],[1,4294967295]]}`,
  `{"type":"bye","reason":"the server stopped","code":"stopped"}`,
  `{"type":"verify"}`,
  `{"type":"fields","fields":[{"name":"x","type":"float32","offset":0},` +
  `{"name":"y","type":"float64","offset":4},{"name":"z","type":"int16",` +
  `"offset":12}],"stride":16,"height":2,` +
  `"viewpoint":{"translation":[1,2,3],"rotation":[0,0,0,1]}}`,
];

fuzzTest([], "text messages", async () => {
  const corpus = TEXTS.map((text) => new TextEncoder().encode(text));
  const options = { name: "texts", corpus, most: 4 };
  await fuzz(options, (messages) => {
    const tracker = new AckTracker();
    tracker.sent(1, 0, 4294967295);
    for (const bytes of messages) {
      const text = new TextDecoder().decode(bytes);
      const fields = parseClientMessage(text);
      if (fields?.type === "fields") assert(fields.fields.length <= 512);
      const message = parseServerMessage(text);
      if (message?.type === "ack") tracker.acknowledged(message, 5);
    }
    const { p50 } = tracker.latency();
    assert(p50 === null || p50 >= 0);
  });
});
