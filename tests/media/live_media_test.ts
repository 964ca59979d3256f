/** Live inputs as real senders make them, which come and go. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
} from "@std/assert";
import { FfmpegError } from "../../lib/media/ffmpeg_error.ts";
import { openMedia } from "../../lib/media/open_media.ts";
import { temporaryFolder, testWith, until } from "../support.ts";
import { assertGoesOn, logOf, sender, Taker } from "./live.ts";
import { freePort } from "../free_port.ts";

const leavingNothing = { sanitizeOps: true, sanitizeResources: true };
const TIMEOUT_MS = 60_000;

testWith(["ffmpeg"], "the test picture has sound, and its size", async () => {
  const { log } = logOf();
  const size = { width: 320, height: 180 };
  await using media = await openMedia("test", { log, size });
  assertEquals(media.tracks.map(({ codec }) => codec), ["VP8", "opus"]);
  const taker = new Taker(media);
  const frames = await taker.more(20);
  assertEquals([frames[0].width, frames[0].height], [320, 180]);
  assertGoesOn(frames);
  assertEquals(taker.lost(), 0);
  assertGreater(taker.sounds, 0);
}, leavingNothing);

/** Each has its sender, and how it listens or calls. */
const TRANSPORTS: Record<string, (port: number) => [string, string[]]> = {
  UDP: (port) => [
    `udp://127.0.0.1:${port}`,
    ["-f", "mpegts", `udp://127.0.0.1:${port}?pkt_size=1316`],
  ],
  SRT: (port) => [
    `srt://127.0.0.1:${port}`,
    ["-f", "mpegts", `srt://127.0.0.1:${port}?mode=listener`],
  ],
  HTTP: (port) => [
    `http://127.0.0.1:${port}/live.ts`,
    ["-f", "mpegts", "-listen", "1", `http://127.0.0.1:${port}/live.ts`],
  ],
  RTMP: (port) => [
    `rtmp://127.0.0.1:${port}/live/key`,
    ["-f", "flv", "-listen", "1", `rtmp://127.0.0.1:${port}/live/key`],
  ],
};

for (const [name, transport] of Object.entries(TRANSPORTS)) {
  // UDP has no end: ffmpeg goes on, and scales what is of another size.
  const [size, width] = name === "UDP" ? ["320x240", 320] : ["192x108", 192];
  testWith(
    ["ffmpeg"],
    `what comes by ${name} comes back on the same tracks`,
    async () => {
      const [url, to] = transport(freePort());
      const { log } = logOf();
      const first = sender({ to });
      await using media = await openMedia(url, { log, patienceMs: 60_000 });
      const taker = new Taker(media);
      assertEquals(media.tracks.map(({ kind }) => kind), ["video", "audio"]);
      const before = await taker.more(20);
      assertEquals(before[0].width, 320);
      await first[Symbol.asyncDispose]();

      await using _second = sender({ size, to });
      await until(() => taker.frames.at(-1)!.width === width, {
        what: "pictures of the second sender",
        within: TIMEOUT_MS,
      });
      await taker.more(40);
      assertGoesOn(taker.frames);
      assertEquals(taker.lost(), 0);
      const back = taker.frames.find((frame) => frame.width === width)!;
      assert(back.keyframe, "what comes back begins with a keyframe");
    },
    leavingNothing,
  );
}

/** A folder by HTTP, on a port of its own. */
function serveFolder(path: string, port: number): AsyncDisposable {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen() {} },
    async (request) => {
      const name = new URL(request.url).pathname.split("/").at(-1);
      const file = await Deno.readFile(`${path}/${name}`).catch(() => null);
      return new Response(file, { status: file === null ? 404 : 200 });
    },
  );
  return { [Symbol.asyncDispose]: () => server.shutdown() };
}

testWith(["ffmpeg"], "HLS plays at its pace, and comes back", async () => {
  const port = freePort();
  /** A server, and what writes the pieces that it has. */
  const start = async (size: string) => {
    await using stack = new AsyncDisposableStack();
    const { path } = stack.use(await temporaryFolder());
    stack.use(serveFolder(path, port));
    const hls = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "4"];
    const list = `${path}/live.m3u8`;
    stack.use(sender({
      size,
      to: [...hls, "-hls_flags", "delete_segments+temp_file", list],
    }));
    await until(() => Deno.stat(list).then(() => true).catch(() => false), {
      what: "the first pieces",
      within: TIMEOUT_MS,
    });
    const held = stack.move();
    return { [Symbol.asyncDispose]: () => held.disposeAsync() };
  };
  const url = `http://127.0.0.1:${port}/live.m3u8`;
  const { lines, log } = logOf();
  const first = await start("320x240");
  await using media = await openMedia(url, {
    ...{ log, copying: "fitting", patienceMs: TIMEOUT_MS },
  });
  assertEquals(media.tracks.map(({ codec }) => codec), ["H264", "opus"]);
  const taker = new Taker(media);
  const before = performance.now();
  await taker.more(60);
  // Three seconds of pictures: no burst, though its pieces come at once.
  assertGreater(performance.now() - before, 1_500);
  await first[Symbol.asyncDispose]();
  await using _second = await start("192x108");
  await until(() => taker.frames.at(-1)!.width === 192, {
    what: () => `pictures of the second: ${lines.join("\n")}`,
    within: TIMEOUT_MS,
  });
  await taker.more(40);
  assertGoesOn(taker.frames);
  const back = taker.frames.find(({ width }) => width === 192)!;
  assert(back.keyframe, "what comes back begins with a keyframe");
});

testWith(
  ["ffmpeg"],
  "an address that nobody answers at has tracks, and is waited for",
  async () => {
    const port = freePort();
    const url = `http://me:secret@127.0.0.1:${port}/live.ts`;
    const { lines, log } = logOf();
    await using media = await openMedia(url, { log, patienceMs: 500 });
    assertEquals(media.tracks.map(({ kind }) => kind), ["video", "audio"]);
    const taker = new Taker(media);
    const said = () => lines.join("\n");
    await until(() => said().includes("Connection refused"), {
      what: () => said(),
      within: TIMEOUT_MS,
    });
    assert(said().includes("it is taken to have video and sound"), said());
    assert(!said().includes("secret"), said());
    const to = `http://127.0.0.1:${port}/live.ts`;
    await using _sender = sender({ to: ["-f", "mpegts", "-listen", "1", to] });
    await taker.more(10);
    await until(() => said().includes("the media is back"), {
      what: () => said(),
      within: TIMEOUT_MS,
    });
  },
  leavingNothing,
);

testWith(["ffmpeg"], "a device that isn't there is an error", async () => {
  const { log } = logOf();
  const error = await assertRejects(
    () => openMedia("/dev/video99", { log }),
    FfmpegError,
    "/dev/video99",
  );
  assert(error.message.includes("No such file"), error.message);
}, leavingNothing);

testWith(["ffmpeg"], "live media that nobody starts is gone", async () => {
  const { log } = logOf();
  const aborter = new AbortController();
  const { signal } = aborter;
  const media = await openMedia("test", { log, signal });
  aborter.abort();
  await media.ended;
}, leavingNothing);

testWith(["ffmpeg"], "a playlist can't make a local file be read", async () => {
  const list = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" +
    `file://${Deno.cwd()}/tests/data/test.mp4\n#EXT-X-ENDLIST\n`;
  const { lines, log } = logOf();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(list),
  );
  const url = `http://127.0.0.1:${server.addr.port}/live.m3u8`;
  await using media = await openMedia(url, { log, patienceMs: 3_000 });
  const taker = new Taker(media);
  await until(() => lines.some((line) => line.includes("is gone")), {
    what: () => lines.join("\n"),
    within: TIMEOUT_MS,
  });
  assertEquals([taker.frames.length, taker.sounds], [0, 0]);
});
