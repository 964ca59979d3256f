/** What `--media` opens of a file that somebody else has made. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { probeMedia } from "../../lib/media/ffmpeg.ts";
import { FfmpegError } from "../../lib/media/ffmpeg_error.ts";
import { openFileMedia } from "../../lib/media/file_media.ts";
import { FilePipeline } from "../../lib/media/file_pipeline.ts";
import { usageOf } from "../../tools/proc.ts";
import { temporaryFolder, testWith } from "../support.ts";

async function ffmpeg(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-nostdin", "-v", "error", "-y", ...args],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

const PICTURE = ["-f", "lavfi", "-i", "testsrc=s=64x48:r=10"];
const TONE = ["-f", "lavfi", "-i", "sine=r=48000"];

/** A folder with a film in it, and an address that nobody should come to. */
async function trap() {
  await using cleanup = new AsyncDisposableStack();
  const { path: folder } = cleanup.use(await temporaryFolder());
  const film = `${folder}/film.ts`;
  await ffmpeg(...PICTURE, ...TONE, "-t", "1", film);
  const callers: string[] = [];
  const http = cleanup.use(Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async ({ url }) => {
      callers.push(url);
      return new Response(await Deno.readFile(film));
    },
  ));
  const url = `http://127.0.0.1:${http.addr.port}/film.ts`;
  const undo = cleanup.move();
  return {
    ...{ folder, film, url, callers },
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
}

/** Files that name another one, by the demuxer that reads them. */
const NAMING: Record<string, (target: string) => string> = {
  hls: (target) =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${target}\n#EXT-X-ENDLIST\n`,
  concat: (target) => `ffconcat version 1.0\nfile '${target}'\n`,
  sdp: () =>
    "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n" +
    "m=audio 9 RTP/AVP 0\na=rtpmap:0 PCMU/8000\n",
  dash: (target) =>
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" ' +
    'type="static" mediaPresentationDuration="PT1S" ' +
    'profiles="urn:mpeg:dash:profile:isoff-live:2011"><Period>' +
    '<AdaptationSet><Representation id="1" mimeType="video/mp2t">' +
    `<BaseURL>${target}</BaseURL></Representation></AdaptationSet></Period>` +
    "</MPD>",
};

testWith(
  ["ffmpeg"],
  "a file that names others or addresses is refused, whatever its name",
  async () => {
    await using scene = await trap();
    const { folder, film, url, callers } = scene;
    for (const [format, make] of Object.entries(NAMING)) {
      for (const target of [film, "film.ts", url]) {
        for (const extension of ["mp4", format === "hls" ? "m3u8" : format]) {
          const path = `${folder}/list.${extension}`;
          await Deno.writeTextFile(path, make(target));
          const error = await assertRejects(
            () => probeMedia(path),
            FfmpegError,
            path,
          );
          assertEquals(error.reason, "refused", error.message);
          assert(error.message.includes(`takes it for ${format}, and only`));
          assert(error.message.includes("give the file"));
        }
      }
    }
    assertEquals(callers, []);
  },
);

testWith(
  ["ffmpeg"],
  "a file that becomes a playlist is refused by ffmpeg too",
  async () => {
    await using scene = await trap();
    const { film, url, callers } = scene;
    for (const target of [film, url]) {
      const path = `${scene.folder}/film.mp4`;
      await Deno.copyFile(film, path);
      await using media = await openFileMedia(path);
      await Deno.writeTextFile(path, NAMING.hls(target));
      const packets: unknown[] = [];
      media.start({ onRtp: (_, packet) => packets.push(packet) });
      await assertRejects(() => media.ended, FfmpegError, path);
      assertEquals(packets, []);
    }
    assertEquals(callers, []);
  },
);

testWith(["ffmpeg"], "pictures by a pattern are not looked for", async () => {
  await using folder = await temporaryFolder();
  await ffmpeg(...PICTURE, "-t", "1", `${folder.path}/%d.png`);
  for (const name of ["%d.png", "*.png"]) {
    const path = `${folder.path}/${name}`;
    await Deno.writeTextFile(path, "");
    const error = await assertRejects(() => probeMedia(path), FfmpegError);
    assert(["refused", "unreadable"].includes(error.reason), error.message);
  }
  // One picture is one file.
  const { video } = await probeMedia(`${folder.path}/1.png`);
  assertEquals(video?.width, 64);
});

testWith(["ffmpeg"], "what a file has attached is not opened", async () => {
  await using scene = await trap();
  const { folder, film, url, callers } = scene;
  const list = `${folder}/list.m3u8`;
  await Deno.writeTextFile(list, NAMING.hls(url));
  const path = `${folder}/film.mkv`;
  await ffmpeg(
    ...["-i", film, "-attach", list],
    ...["-metadata:s:t", "mimetype=application/vnd.apple.mpegurl", path],
  );
  assertEquals((await probeMedia(path)).video?.width, 64);
  assertEquals(callers, []);
});

/** Files that people have, with what more ffmpeg must be told to make them. */
const USUAL: Record<string, string[]> = {
  "film.mp4": [],
  "film.mov": [],
  "film.mkv": [],
  "film.webm": ["-c:v", "libvpx", "-deadline", "realtime"],
  "film.ogg": ["-c:v", "libtheora"],
  "film.ts": [],
  "film.mpg": ["-r", "25"],
  "film.avi": [],
  "film.flv": ["-ar", "44100"],
  "film.wmv": [],
  "film.nut": [],
  "film.mxf": ["-r", "25", "-ar", "48000"],
  "film.ivf": ["-c:v", "libvpx", "-an"],
  "film.h264": ["-an"],
  "film.mjpeg": ["-an"],
  "film.y4m": ["-an", "-pix_fmt", "yuv420p"],
  "film.gif": ["-an"],
  "tone.wav": ["-vn"],
  "tone.mp3": ["-vn"],
  "tone.aac": ["-vn"],
  "tone.m4a": ["-vn"],
  "tone.opus": ["-vn"],
  "tone.flac": ["-vn"],
  "tone.aiff": ["-vn"],
};

testWith(["ffmpeg"], "what people have is opened", async () => {
  await using folder = await temporaryFolder();
  for (const [name, options] of Object.entries(USUAL)) {
    const path = `${folder.path}/${name}`;
    await ffmpeg(...PICTURE, ...TONE, ...options, "-t", "0.5", path);
    const { video, audio } = await probeMedia(path);
    assertEquals(video !== undefined, !options.includes("-vn"), name);
    assertEquals(audio !== undefined, !options.includes("-an"), name);
  }
});

testWith(["ffmpeg"], "a file's name is nothing but its name", async () => {
  await using folder = await temporaryFolder();
  const made = `${folder.path}/film.mkv`;
  await ffmpeg(...PICTURE, "-t", "0.5", made);
  const names = [
    ...["-i.mkv", "a:b.mkv", "http:a.mkv", "concat:a|b", "x%03d.mkv"],
    ...["file:x", "[0-9]*?.mkv", "a b'\"\\.mkv", "pipe:0"],
  ];
  for (const name of names) {
    await Deno.copyFile(made, `${folder.path}/${name}`);
  }
  // A name alone is one in the folder that a program runs in.
  const paths = [...names, ...names.map((name) => `${folder.path}/${name}`)];
  const library = import.meta.resolve("../../lib/media/ffmpeg.ts");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["eval", "--no-lock", "--ext=ts"],
      `import { probeMedia } from ${JSON.stringify(library)};
      for (const path of ${JSON.stringify(paths)}) {
        console.log(path, (await probeMedia(path)).video?.width);
      }`,
    ],
    cwd: folder.path,
    stderr: "inherit",
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assertEquals(lines, paths.map((path) => `${path} 64`));
});

/** Makes a pipe that nobody writes to. */
async function makePipe(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] })
    .output();
  assert(success);
}

testWith(
  ["ffmpeg", "linux"],
  "ffprobe has a deadline, and is gone by then",
  async () => {
    await using folder = await temporaryFolder();
    const [pipe, ffprobe, pid] = ["pipe", "ffprobe", "pid"]
      .map((name) => `${folder.path}/${name}`);
    await makePipe(pipe);
    const script = `#!/bin/sh\necho $$ > '${pid}'\nexec ffprobe "$@"\n`;
    await Deno.writeTextFile(ffprobe, script, { mode: 0o700 });
    const error = await assertRejects(
      () => probeMedia(pipe, { ffprobe, timeoutMs: 500 }),
      FfmpegError,
      `Can't read the media file ${pipe}: ffprobe knew nothing of it after ` +
        "0.5 s; give a file",
    );
    assertEquals(error.reason, "unreadable");
    const number = Number(await Deno.readTextFile(pid));
    await assertRejects(() => usageOf(number), Error, "There is no process");
  },
);

testWith(["ffmpeg", "linux"], "a device without end is no media", async () => {
  await assertRejects(() => probeMedia("/dev/zero"), FfmpegError, "/dev/zero");
});

testWith(
  ["linux"],
  "what ffprobe says is read up to a size",
  async () => {
    await using folder = await temporaryFolder();
    const ffprobe = `${folder.path}/ffprobe`;
    await Deno.writeTextFile(ffprobe, "#!/bin/sh\nexec yes\n", { mode: 0o700 });
    await assertRejects(
      () => probeMedia("any.mp4", { ffprobe }),
      FfmpegError,
      "said too much",
    );
  },
);

testWith(
  ["ffmpeg", "linux"],
  "ffmpeg has a deadline for what comes first",
  async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/pipe`;
    await makePipe(path);
    const failed = Promise.withResolvers<unknown>();
    const pipeline = new FilePipeline({
      ...{ path, ffmpeg: "ffmpeg", startMs: 500, videoCodec: "vp8" },
      info: {
        format: "mp3",
        audio: { codec: "aac", channels: 2, sampleRate: 48_000 },
      },
      tracks: [{ kind: "audio", codec: "opus", clockRate: 48_000 }],
    }, { onPackets() {}, onReport() {}, onFailed: failed.resolve });
    const error = await failed.promise;
    await pipeline.close();
    assert(error instanceof FfmpegError);
    assertEquals(
      error.message,
      `ffmpeg failed while it streamed ${path}: nothing came of it within ` +
        "0.5 s",
    );
  },
);
