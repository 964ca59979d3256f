import { assertEquals, assertRejects } from "@std/assert";
import { joinBytes } from "../../lib/points/join_bytes.ts";
import type { AuthorizedFetch } from "../../lib/viewer/authorized_fetch.ts";
import { playByHttp } from "../../lib/viewer/http_player.ts";
import type { StreamSink } from "../../lib/viewer/stream_messages.ts";
import { splitFrame } from "../../lib/wire/frame.ts";
import { FrameTexts } from "../../lib/wire/frame_texts.ts";
import { pointsRecord, textRecord } from "../../lib/wire/session_records.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { encodedFrame } from "../wire/encoded_frames.ts";

const CLOUD = typedCloud("x,y,z,ring:u2", [[1, 2, 3, 4]]);
const BYE = textRecord({ type: "bye", reason: "it is over", code: "ended" });

/** The records of a stream's first frames. */
function framesOf(number: number, stream: string, count: number) {
  const texts = new FrameTexts();
  return Array.from({ length: count }, (_, i) => {
    const frame = encodedFrame(CLOUD, "raw", { number: i, stream });
    return [
      ...texts.before(frame),
      ...splitFrame(frame.bytes, frame, 1_000),
    ].flatMap((message) => pointsRecord(number, message));
  }).flat();
}

/** A server with a session `a`, whose records come in pieces of 7 bytes. */
function serverOf(records: Uint8Array[]): AuthorizedFetch {
  return (url) => {
    if (!/^\/sessions\/a\?reading=\d+&media=none$/.test(`${url}`)) {
      const detail = `There is nothing at ${url}`;
      return Promise.resolve(Response.json({ detail }, { status: 404 }));
    }
    const bytes = joinBytes(records);
    return Promise.resolve(
      new Response(
        new ReadableStream({
          start(controller) {
            for (let at = 0; at < bytes.length; at += 7) {
              controller.enqueue(bytes.subarray(at, at + 7));
            }
            controller.close();
          },
        }),
      ),
    );
  };
}

/** Plays what a server has, and tells what came. */
async function played(records: Uint8Array[]) {
  const seen: string[] = [];
  const reason = await playByHttp("a", {
    onConnected: () => void seen.push("connected"),
    onStream(name): StreamSink | undefined {
      if (name === "unwanted") return undefined;
      return {
        onMessage: ({ byteLength }) =>
          void seen.push(`${name}: ${byteLength} bytes`),
        onLayout: ({ stride }) => void seen.push(`${name}: stride ${stride}`),
        onPlace: () => void seen.push(`${name}: place`),
        onClock: () => {},
        onEnd: () => void seen.push(`${name}: end`),
      };
    },
  }, { fetch: serverOf(records), signal: new AbortController().signal });
  return { reason, seen };
}

Deno.test("playByHttp() hands on each message of each stream, to the end", async () => {
  const names = ["front left", "rear", "a", "b", "c", "unwanted"];
  const { reason, seen } = await played([
    ...names.flatMap((name, i) => framesOf(i, name, i + 1)),
    ...BYE,
  ]);
  assertEquals(reason, "it is over");
  assertEquals(seen, [
    "connected",
    ...names.slice(0, 5).flatMap((name, i) => [
      `${name}: place`,
      `${name}: stride 14`,
      ...Array(i + 1).fill(`${name}: 38 bytes`),
    ]),
    ...names.slice(0, 5).map((name) => `${name}: end`),
  ]);
});

Deno.test("playByHttp() passes over what it doesn't know", async () => {
  const strange = Uint8Array.of(2, 0, 0, 0, 77, 0, 0, 0, 1, 2);
  const { reason, seen } = await played([strange, ...framesOf(3, "rear", 1)]);
  assertEquals(seen.slice(1), [
    ...["rear: place", "rear: stride 14", "rear: 38 bytes", "rear: end"],
  ]);
  assertEquals(reason, "the connection was lost");
});

Deno.test("playByHttp() refuses what is too long before it takes memory", async () => {
  const long = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0);
  await assertRejects(() => played([long]), Error, "A record of 4294967295");
});

Deno.test("playByHttp() says what a server says that has no such session", async () => {
  const events = {
    onConnected() {},
    onStream: () => undefined,
  };
  const { signal } = new AbortController();
  await assertRejects(
    () => playByHttp("b", events, { fetch: serverOf([]), signal }),
    Error,
    "There is nothing at /sessions/b",
  );
});
