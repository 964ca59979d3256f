/** Files of sound and pictures that a server records, as players see them. */
import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import {
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { onlyFile } from "../recording/read_recording.ts";
import { temporaryFolder, testWith, until } from "../support.ts";
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
