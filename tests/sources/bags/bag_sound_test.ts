/** Sound of bags: as it was recorded, at its times. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { parseRtp, type RtpPacketView } from "../../../lib/media/rtp.ts";
import { COMPRESSED_AUDIO } from "../../../lib/ros/message_types.ts";
import { writeCompressedAudio } from "../../../lib/ros/write_messages.ts";
import { openBagMedia } from "../../../lib/sources/bags/bag_media.ts";
import { BagPlayers } from "../../../lib/sources/bags/bag_players.ts";
import { camerasOf } from "../../../lib/sources/bags/cameras.ts";
import { knownTopic } from "../../../lib/sources/bags/topics.ts";
import { listSource } from "../../../lib/sources/list.ts";
import { temporaryFolder, testWith } from "../../support.ts";
import { writeSmallMcap } from "./mcap_file.ts";

/** CELT, five frames of 20 ms: as long as from one message to the next. */
const TOC = [0xff, 0x05];
const PACKETS = 6;

/** A bag of sound, one packet of which is none. */
async function writeSound(path: string) {
  const messages = Array.from(
    { length: PACKETS },
    (_, i) =>
      writeCompressedAudio({
        ...{ stamp: 0, format: "opus" },
        bytes: i === 2 ? new Uint8Array() : Uint8Array.of(...TOC, i),
      }),
  );
  const topic = { topic: "/robot/audio", type: COMPRESSED_AUDIO.name };
  await writeSmallMcap(path, topic, messages);
}

/** Plays a bag's sound to its end. */
async function play(path: string, speed: number) {
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  const bags = new BagPlayers({ log });
  await using media = await openBagMedia({ path }, {
    bags,
    log,
    speed,
    openMedia,
  });
  await using used = await bags.join(path, {});
  const { player } = used;
  const ended = Promise.withResolvers<void>();
  await using _listening = player.listen(player.known[0].topic, {
    begins: false,
    onMessage: () => {},
    onEnd: () => ended.resolve(),
  });
  const packets: RtpPacketView[] = [];
  media.start({ onRtp: (_, packet) => packets.push(parseRtp(packet)!) });
  await ended.promise;
  return { packets, log: lines.join("") };
}

function openMedia(): never {
  throw new Error("It has no pictures");
}

testWith([], "Sound is played as it was recorded", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/sound.mcap`;
  await writeSound(path);
  const [{ use }] = await listSource(path, { log: createLogger() });
  assertEquals(use, "sound");
  const { packets, log } = await play(path, 1);
  assertEquals(
    packets.map(({ payload }) => [...payload]),
    [0, 1, 3, 4, 5].map((i) => [...TOC, i]),
  );
  assert(log.includes("sound passed over"), log);
  // The one that is missing has its place.
  const [first] = packets;
  const last = packets[packets.length - 1];
  assertAlmostEquals((last.timestamp - first.timestamp) >>> 0, 24_000, 4_800);
});

testWith([], "Sound is left out at another speed", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/sound.mcap`;
  await writeSound(path);
  assertEquals((await play(path, 2)).packets, []);
});

Deno.test("A bag's cameras have their sound, and names as they were sent", () => {
  const topics = [
    ["/video", "CompressedVideo"],
    ["/front/video", "CompressedVideo"],
    ["/front/audio", "CompressedAudio"],
    ["/tf", "FrameTransforms"],
    ["/cabin microphone", "CompressedAudio"],
    ["/audio", "CompressedAudio"],
  ].map(([name, type]) =>
    knownTopic({ name, type: `foxglove.${type}`, encoding: "protobuf" })!
  );
  const camerasIn = (known: typeof topics) =>
    camerasOf(known, { path: "a.mcap", log: createLogger() });
  assertEquals(
    camerasIn(
      topics.filter(({ topic }) => /^.(video|audio)$/.test(topic.name)),
    ),
    [{ name: undefined, input: "a.mcap:/video,/audio" }],
  );
  assertEquals(
    camerasIn(topics),
    [
      { name: "video", input: "a.mcap:/video,/audio" },
      { name: "front", input: "a.mcap:/front/video,/front/audio" },
      { name: "cabin_microphone", input: "a.mcap:/cabin microphone" },
    ],
  );
});
