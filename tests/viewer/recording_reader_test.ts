/** What is read of a recording from any moment on. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { pointCloud, type Pose } from "../../lib/points/cloud.ts";
import { CloudMessages } from "../../lib/recording/mcap/cloud_messages.ts";
import { McapBuilder } from "../../lib/recording/mcap/mcap_builder.ts";
import { PlaceMessages } from "../../lib/recording/mcap/place_messages.ts";
import {
  COMPRESSED_AUDIO,
  COMPRESSED_CLOUD,
  COMPRESSED_VIDEO,
  POINT_CLOUD,
  TRANSFORMS,
} from "../../lib/ros/message_types.ts";
import {
  writeCompressedAudio,
  writeCompressedVideo,
} from "../../lib/ros/write_messages.ts";
import { openMcap } from "../../lib/sources/bags/mcap/open_mcap.ts";
import { RecordingReader } from "../../lib/viewer/recording_reader.ts";
import { frameOf } from "../recording/fed_recorder.ts";
import { temporaryFolder, testWith } from "../support.ts";

const START = Date.UTC(2026, 10, 30);
const SECONDS = 40;
const log = createLogger({ write: () => {} });

/** When the second stream is there, seconds. */
const REAR = { from: 5, to: 20 };

/** Points of the cloud of a tenth of a second. */
const pointsAt = (tenth: number) => 1 + tenth;

/** The first sensor stands for 10 s, and moves then. */
const frontPose = (tenth: number): Pose => ({
  translation: [tenth < 100 ? 1 : tenth / 10, 0, 0],
  rotation: [0, 0, 0, 1],
});

/** VP8 (RFC 6386 section 9.1), as far as it says what is a keyframe. */
function pictureAt(tenth: number): Uint8Array {
  return tenth % 30 === 0
    ? Uint8Array.of(0x10, 0, 0, 0x9d, 1, 0x2a, 8, 0, 8, 0, tenth)
    : Uint8Array.of(0x11, 0, 0, tenth);
}

/** A recording of some streams, a chunk each half second. */
function writeRecording(): Uint8Array[] {
  const builder = new McapBuilder();
  const pieces = [
    builder.begin({ library: "", name: "pointwire", entries: new Map() }),
  ];
  const channels = {
    "/tf_static": builder.addChannel("/tf_static", TRANSFORMS),
    "/tf": builder.addChannel("/tf", TRANSFORMS),
    "/front": builder.addChannel("/front", COMPRESSED_CLOUD),
    "/rear": builder.addChannel("/rear", POINT_CLOUD),
    "/video": builder.addChannel("/video", COMPRESSED_VIDEO),
    "/audio": builder.addChannel("/audio", COMPRESSED_AUDIO),
  };
  const clouds = new CloudMessages("cloudini");
  const places = new PlaceMessages();
  for (let tenth = 0; tenth < SECONDS * 10; tenth++) {
    const stamp = START + tenth * 100;
    const logTime = stamp + 20;
    const add = (topic: keyof typeof channels, data: Uint8Array) =>
      builder.addMessage({
        channel: channels[topic],
        ...{ logTime, publishTime: stamp, data },
      });
    const pose = frontPose(tenth);
    const told = places.messageOf("front", { parent: "base", pose }, stamp);
    if (told !== undefined) add(told.topic as "/tf", told.data);
    const cloud = pointCloud(new Float32Array(3 * pointsAt(tenth)));
    add(
      "/front",
      clouds.messageOf(frameOf(cloud, {}, "cloudini"), {
        ...{ frameId: "front", stamp },
      }).data,
    );
    if (tenth >= REAR.from * 10 && tenth < REAR.to * 10) {
      const frame = frameOf(cloud, { stream: "rear" });
      const message = clouds.messageOf(frame, { frameId: "rear", stamp });
      add("/rear", message.data);
    }
    const bytes = pictureAt(tenth);
    const frameId = "video";
    add(
      "/video",
      writeCompressedVideo({ stamp, frameId, bytes, format: "vp8" }),
    );
    add(
      "/audio",
      writeCompressedAudio({ stamp, bytes: Uint8Array.of(9), format: "opus" }),
    );
    if (tenth % 5 === 4) pieces.push(builder.flush()!);
  }
  return [...pieces, builder.end()];
}

/** Opens what is written, and reads what is seen at a moment. */
async function openReader(path: string, pieces: Uint8Array[]) {
  await Deno.writeFile(path, ReadableStream.from(pieces));
  const bag = await openMcap(path, { name: path, log });
  const reader = await RecordingReader.open(bag, log);
  return {
    reader,
    async seenAt(from: number) {
      const moment = reader.at(from);
      const seen = [
        ...await Array.fromAsync(moment.clouds()),
        ...await Array.fromAsync(moment.pictures()),
      ];
      const rest = moment.rest();
      const next = (await rest.next()).value?.time;
      await rest.return(undefined);
      return { seen, next };
    },
    [Symbol.dispose]: () => bag[Symbol.dispose](),
  };
}

testWith(
  [],
  "at any moment what is to be seen then is read first",
  async () => {
    await using folder = await temporaryFolder();
    const pieces = writeRecording();
    using whole = await openReader(`${folder.path}/whole.mcap`, pieces);
    // As the server was killed: no index, and a part of a chunk at its end.
    using cut = await openReader(`${folder.path}/cut.mcap`, [
      ...pieces.slice(0, -2),
      pieces.at(-2)!.subarray(0, 60),
    ]);
    const { content } = whole.reader;
    assertEquals(content, {
      start: START + 20,
      end: START + SECONDS * 1000 - 80,
      streams: ["rear", "front"],
      tracks: [{ name: "video", kind: "video" }, {
        name: "audio",
        kind: "audio",
      }],
    });
    const tenths = [
      0,
      3,
      49,
      50,
      51,
      99,
      100,
      123,
      199,
      200,
      260,
      299,
      310,
      389,
    ];
    for (const tenth of tenths.flatMap((one, i) => [one, tenths.at(-i - 1)!])) {
      for (const { seenAt } of [whole, cut]) {
        const { seen, next } = await seenAt(START + tenth * 100 + 50);
        assertEquals(next, START + (tenth + 1) * 100 + 20);
        const clouds = seen.filter((item) => item.kind === "cloud");
        const front = clouds.find(({ stream }) => stream === "front")!;
        assertEquals(front.info, {
          codec: "cloudini",
          points: pointsAt(tenth),
          captureTime: START + tenth * 100,
        });
        const [x] = front.place.pose!.translation;
        assertAlmostEquals(x, frontPose(tenth).translation[0], 1e-9);
        assertEquals(front.place.parent, "base");
        // It is seen for a while after its last cloud.
        const rear = clouds.find(({ stream }) => stream === "rear");
        const last = Math.min(tenth, REAR.to * 10 - 1);
        const isThere = tenth >= REAR.from * 10 && tenth - last < 100;
        assertEquals(
          rear?.info.points,
          isThere ? pointsAt(last) : undefined,
          `${tenth}`,
        );
        const pictures = seen.filter((item) => item.kind === "picture");
        assertEquals(
          pictures.map(({ picture: { isKeyframe, data } }) =>
            `${isKeyframe} ${data.at(-1)}`
          ),
          Array.from(
            { length: tenth % 30 + 1 },
            (_, i) => `${i === 0} ${(tenth - tenth % 30 + i) & 255}`,
          ),
        );
        assert(seen.every(({ kind }) => kind !== "sound"));
      }
    }
    const { seen, next } = await whole.seenAt(content.end);
    assertEquals([seen.length > 0, next], [true, undefined]);
  },
);
