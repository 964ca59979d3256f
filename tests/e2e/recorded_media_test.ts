/** Files of sound and pictures that a server records, as players see them. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
} from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { ivfFrameHeader, ivfHeader } from "../../lib/recording/ivf.ts";
import { COMPRESSED_VIDEO } from "../../lib/ros/message_types.ts";
import { writeCompressedVideo } from "../../lib/ros/write_messages.ts";
import { openBag } from "../../lib/sources/bags/open_bag.ts";
import { knownTopic } from "../../lib/sources/bags/topics.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import {
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { onlyFile } from "../recording/read_recording.ts";
import {
  temporaryFolder,
  testSideBySide,
  testWith,
  until,
} from "../support.ts";
import { writeSmallMcap } from "../sources/bags/mcap_file.ts";
import {
  encodeVideo,
  extensionOf,
  framesOf,
  type PassedCodec,
  picturesOf,
} from "../media/coded_video.ts";
import { concat } from "../points/file_clouds.ts";
import { decode } from "./video.ts";

/** What ffprobe says of a file. */
interface Probed {
  streams: {
    codec_name: string;
    start_time: string;
    nb_read_packets: string;
  }[];
  format: { duration?: string };
}

async function probe(path: string): Promise<Probed> {
  const { stdout } = await new Deno.Command("ffprobe", {
    args: [
      ...["-v", "error", "-of", "json", "-count_packets", "-show_streams"],
      ...["-show_format", path],
    ],
    stderr: "null",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

function startRecording(folder: string, args: string[] = []) {
  return startServer(["--record", folder, ...args], [
    `--allow-write=${folder}`,
  ]);
}

function startCamera(server: ServerProcess, codec: string, seconds: number) {
  return startClient(server, [
    ...["--points", "500", "--rate", "2", "--video-codec", codec],
    ...["--duration", `${seconds}`],
  ]);
}

for (const [codec, extension] of [["vp8", "webm"], ["h264", "mp4"]]) {
  testWith(
    ["ffmpeg"],
    `Sound and pictures are recorded in sync, as .${extension}`,
    async () => {
      await using folder = await temporaryFolder();
      await using server = await startRecording(folder.path);
      await using client = startCamera(server, codec, 6);
      await client.finished();
      const { video, audio } = await server.waitForLog(
        "the end of the session",
        ({ message }) => message === "session closed",
      ) as unknown as SessionSnapshot;
      await server.waitForLog(
        "the end of the recording",
        ({ file }) => String(file).endsWith(extension),
      );
      const path = onlyFile(folder.path, extension);
      const { streams, format } = await probe(path);
      const packets = Object.fromEntries(
        streams.map((s) => [s.codec_name, Number(s.nb_read_packets)]),
      );
      assertEquals(packets, { [codec]: video.frames, opus: audio.frames });
      // Twenty milliseconds each.
      const seconds = 0.02 * audio.frames;
      assertAlmostEquals(Number(format.duration), seconds, 1);
      const { errors, frames } = await decode(path);
      assertEquals(errors, "");
      assertGreater(frames, 20);
    },
  );

  testWith(
    ["ffmpeg"],
    `A killed server leaves a .${extension} that plays`,
    async () => {
      await using folder = await temporaryFolder();
      await using server = await startRecording(folder.path);
      await using _client = startCamera(server, codec, 0);
      const find = () =>
        [...Deno.readDirSync(folder.path)]
          .find(({ name }) => name.endsWith(extension))?.name;
      const path = `${folder.path}/${await until(find, { what: "a file" })}`;
      const soundOf = async () => {
        const { streams = [] } = await probe(path);
        const sound = streams.find((s) => s.codec_name === "opus");
        return Number(sound?.nb_read_packets ?? 0);
      };
      await until(async () => await soundOf() > 100, {
        what: "two seconds of sound",
      });
      await server.stop("SIGKILL");
      assertGreater(await soundOf(), 100);
      const { frames } = await decode(path);
      assertGreater(frames, 10);
    },
  );
}

testWith(
  ["ffmpeg"],
  "A long session goes on in other files, each of which plays",
  async () => {
    await using folder = await temporaryFolder();
    const minutes = ["--record-minutes", "0.05"];
    await using server = await startRecording(folder.path, minutes);
    await using client = startCamera(server, "vp8", 0);
    let files = 0;
    await server.waitForLog(
      "two files",
      ({ file }) => String(file).endsWith("webm") && ++files === 2,
    );
    await client.stop("SIGINT");
    await server.waitForLog(
      "the last file",
      ({ file }) => String(file).endsWith("webm") && ++files >= 3,
    );
    for (const { name } of Deno.readDirSync(folder.path)) {
      if (!name.endsWith("webm")) continue;
      const { errors, frames } = await decode(`${folder.path}/${name}`);
      assertEquals(errors, "", name);
      assertGreater(frames, 0, name);
    }
  },
);

/** A bag of a video, ten pictures a second, each second a keyframe. */
async function writeVideo(path: string, codec: PassedCodec, file: string) {
  await encodeVideo(file, { codec, size: "160x120", frames: 80 });
  const format = codec.toLowerCase();
  const messages = (await framesOf(file)).map((bytes, i) =>
    writeCompressedVideo({
      ...{ stamp: 1_700_000_000_000 + 100 * i, frameId: "camera" },
      ...{ format, bytes },
    })
  );
  const type = COMPRESSED_VIDEO.name;
  await writeSmallMcap(path, { topic: "/video", type }, messages);
}

/** Writes the pictures of a recording as a file that players open. */
async function extract(recording: string, codec: PassedCodec, to: string) {
  const log = createLogger({ level: "error" });
  using bag = await openBag(recording, { log });
  const { topic, read } = knownTopic(
    bag.topics.find(({ name }) => name === "/video")!,
  )!;
  const parts: Uint8Array[] = [];
  let pictures = 0;
  const query = { topics: new Set([topic]), from: -Infinity };
  for await (const { data } of bag.messages(query)) {
    const message = read(data);
    assert(message.kind === "picture");
    assertEquals(message.format, codec.toLowerCase());
    const { bytes } = message;
    if (codec !== "H265") {
      parts.push(ivfFrameHeader(bytes.length, 9_000 * pictures));
    }
    parts.push(bytes.slice());
    pictures++;
  }
  if (codec !== "H265") {
    parts.unshift(ivfHeader({ codec, width: 160, height: 120 }));
  }
  await Deno.writeFile(to, concat(...parts));
  return pictures;
}

const PASSED: Record<string, () => Promise<void>> = {};
for (
  const [codec, name, end] of [
    ["H265", "hevc", "mp4"],
    ["AV1", "av1", "webm"],
  ] as const
) {
  PASSED[codec] = async () => {
    await using folder = await temporaryFolder();
    const sent = `${folder.path}/sent.${extensionOf(codec)}`;
    const bag = `${folder.path}/bag.mcap`;
    await writeVideo(bag, codec, sent);
    const to = `${folder.path}/recorded`;
    await using server = await startRecording(to);
    await using client = startClient(server, [
      ...["--points", "100", "--rate", "2", "--duration", "7"],
      ...["--media", `${bag}:/video`, "--video-codec", "copy"],
    ]);
    const { success } = await client.finished();
    assert(success, client.stderr.join("\n"));
    await server.waitForLog(
      "the end of the recording",
      ({ message, file }) =>
        message === "recorded" && String(file).endsWith(end),
    );
    await server.stop("SIGINT");

    const mcap = onlyFile(to, ".mcap");
    const raw = `${folder.path}/raw.${extensionOf(codec)}`;
    const count = await extract(mcap, codec, raw);
    const all = await picturesOf(sent);
    const kept = await picturesOf(raw);
    // It begins with a keyframe, and ends where the client did.
    assertEquals(kept.length, count);
    assertGreater(count, 10);
    const start = all.indexOf(kept[0]);
    assertEquals(start % 10, 0);
    assertEquals(kept, all.slice(start, start + count));
    const file = onlyFile(to, end);
    const { streams: [video] } = await probe(file);
    assertEquals(
      [video.codec_name, video.nb_read_packets],
      [name, `${count}`],
    );
    assertEquals(await picturesOf(file), kept);
  };
}

testSideBySide(
  ["ffmpeg"],
  "Video of H.265 and AV1 is recorded as it was sent, picture by picture",
  PASSED,
);
