/** Codecs that go as they come, from peers of other people to others. */
import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { getJson, Process, startServer } from "../../tools/processes.ts";
import {
  encodeVideo,
  extensionOf,
  type PassedCodec,
  picturesOf,
} from "../media/coded_video.ts";
import { ROOT, temporaryFolder, testWith, until } from "../support.ts";
import { eventOf } from "./python.ts";

const FRAMES = 150;

async function run(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args,
    env: { GOPROXY: "off" },
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

/** A server with Pion that publishes a file, and what it is to be. */
async function publish(codec: PassedCodec) {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await temporaryFolder());
  const pion = `${folder}/pion`;
  await run("go", ["build", "-C", `${ROOT}tests/peers/pion`, "-o", pion, "."]);
  const sent = `${folder}/sent.${extensionOf(codec)}`;
  await encodeVideo(sent, { codec, frames: FRAMES });
  const sound = `${folder}/sound.ogg`;
  await run("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", "sine=sample_rate=48000"],
    ...["-t", "5", "-c:a", "libopus", "-page_duration", "20000", sound],
  ]);
  const server = stack.use(await startServer());
  const publisher = stack.use(
    new Process(pion, [
      ...["publish", `${server.url}/whip`, "--codec", codec],
      ...["--video", sent, "--audio", sound],
    ]),
  );
  const session = await until(async () => {
    const [session] = await getJson<SessionSnapshot[]>(
      `${server.url}/sessions`,
    );
    return (session?.video.keyframes ?? 0) > 0 && session;
  }, { what: "a keyframe" });
  const held = stack.move();
  return {
    ...{ folder, pion, sent, server, publisher, session },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

for (const codec of ["VP9", "H265", "AV1"] as const) {
  testWith(
    ["pion", "ffmpeg"],
    `Pion's ${codec} comes to Pion as it was sent, bit by bit`,
    async () => {
      await using made = await publish(codec);
      const { folder, pion, sent, server, publisher, session } = made;
      assertEquals(session.video.codec, codec);
      const came = `${folder}/came.${extensionOf(codec)}`;
      await using watcher = new Process(pion, [
        ...["watch", `${server.url}/whep/${session.id}`],
        ...["--video", came],
      ]);
      await publisher.waitFor("that all is sent", eventOf("sent"));
      const url = `${server.url}/sessions/${session.id}`;
      const { video, tracks, forwarded } = await until(async () => {
        const session = await getJson<SessionSnapshot>(url);
        return session.video.frames === FRAMES && session;
      }, { what: "all frames" });
      assertEquals([video.width, video.height], [320, 240]);
      assertEquals([video.keyframes, video.packetsLost], [FRAMES / 10, 0]);
      assertEquals(tracks.map(({ invalid }) => invalid), [0, 0]);
      assertEquals(forwarded.tracksUntaken, 0);
      assertEquals((await publisher.stop()).code, 0);
      await watcher.finished();
      const all = await picturesOf(sent);
      const some = await picturesOf(came);
      // It joined in the middle, and has all from there on.
      assertGreater(some.length, 10);
      assertEquals(some, all.slice(all.length - some.length));
    },
  );
}

testWith(
  ["pion", "ffmpeg", "aiortc"],
  "aiortc, which doesn't take H.265, is told so, and gets the sound",
  async () => {
    await using made = await publish("H265");
    const { server, session } = made;
    await using watcher = new Process("/usr/bin/python3", [
      ...["tests/peers/aiortc_whip.py", "watch"],
      `${server.url}/whep/${session.id}`,
    ]);
    const text = await watcher.waitFor("what isn't sent", (line) => {
      const { text } = eventOf("text")(line) ?? {};
      const told = text as Record<string, string> | undefined;
      return told?.type === "untaken" ? told : undefined;
    });
    assertEquals([text.kind, text.codec], ["video", "H265"]);
    assertMatch(text.reason, /is H\.265 \(profile 1 at level .* VP8/);
    const line = await server.waitForLog(
      "the track",
      ({ message }) => message === "track not sent",
    );
    assertEquals(line.codec, "H265");
    await watcher.waitFor("sound", eventOf("decoded"));
    const { forwarded } = await getJson<SessionSnapshot>(
      `${server.url}/sessions/${session.id}`,
    );
    assertEquals(forwarded.tracksUntaken, 1);
    await watcher.stop();
  },
);
