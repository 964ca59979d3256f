/** Live inputs that announce sound or pictures, of which none come. */
import { assert, assertEquals } from "@std/assert";
import { openMedia } from "../../lib/media/open_media.ts";
import { testWith, until } from "../support.ts";
import { freePort } from "../free_port.ts";
import { logOf, senderForAll } from "./live.ts";

const PATIENCE_MS = 60_000;

/** Counts the packets of each kind. */
async function counting(url: string) {
  const { lines, log } = logOf();
  const media = await openMedia(url, { log, patienceMs: PATIENCE_MS });
  const packets = { video: 0, audio: 0 };
  media.start({ onRtp: ({ kind }) => void packets[kind]++ });
  return { media, packets, lines };
}

const TS_PACKET = 188;
/** What ffmpeg numbers the first two streams of a TS by. */
const PIDS = { video: 256, audio: 257 };

/** Serves MPEG-TS whose tables tell of a kind that isn't in it. */
function serveWithout(kind: "video" | "audio", audio = "aac") {
  const url = `http://127.0.0.1:${freePort()}/live`;
  const to = ["-f", "mpegts", "-listen", "1", url];
  const sending = senderForAll({ audio, to });
  const cut = () => {
    let left = new Uint8Array(0);
    return new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        const all = Uint8Array.of(...left, ...chunk);
        const end = all.length - all.length % TS_PACKET;
        for (let at = 0; at < end; at += TS_PACKET) {
          const pid = (all[at + 1] & 0x1f) << 8 | all[at + 2];
          if (pid === PIDS[kind]) continue;
          controller.enqueue(all.slice(at, at + TS_PACKET));
        }
        left = all.slice(end);
      },
    });
  };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async () => {
      const { body } = await fetch(url).catch(() => ({ body: null }));
      if (body === null) return new Response(null, { status: 503 });
      return new Response(body.pipeThrough(cut()));
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/live`,
    async [Symbol.asyncDispose]() {
      await sending[Symbol.asyncDispose]();
      await server.shutdown();
    },
  };
}

for (const [kind, other] of [["audio", "video"], ["video", "audio"]] as const) {
  testWith(
    ["ffmpeg"],
    `${kind} that a TS announces, and of which none comes, holds nothing back`,
    async () => {
      await using served = serveWithout(kind);
      const { media, packets, lines } = await counting(served.url);
      await using _media = media;
      assertEquals(media.tracks.map(({ kind }) => kind), [other]);
      await until(() => packets[other] > 50, {
        what: () => `${other}: ${lines.join("\n")}`,
        within: PATIENCE_MS,
      });
      assertEquals(packets[kind], 0);
    },
  );
}

testWith(
  ["ffmpeg"],
  "sound whose form is known, and of which none comes, is left out in the end",
  async () => {
    await using served = serveWithout("audio", "libopus");
    const { media, packets, lines } = await counting(served.url);
    await using _media = media;
    await until(() => packets.video > 50, {
      what: () => `pictures: ${lines.join("\n")}`,
      within: PATIENCE_MS,
    });
    assert(lines.some((line) => line.includes("its video is tried alone")));
    assertEquals(packets.audio, 0);
  },
);
