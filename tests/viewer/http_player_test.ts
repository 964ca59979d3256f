import { assertEquals, assertRejects } from "@std/assert";
import type { AuthorizedFetch } from "../../lib/viewer/authorized_fetch.ts";
import { playByHttp } from "../../lib/viewer/http_player.ts";
import type { StreamSink } from "../../lib/viewer/stream_messages.ts";
import { FramesWriter } from "../../lib/wire/framed_messages.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { encodedFrame } from "../wire/encoded_frames.ts";

const CLOUD = typedCloud("x,y,z,ring:u2", [[1, 2, 3, 4]]);

/** The frames of a stream as a server gives them, in pieces of 7 bytes. */
function bodyOf(stream: string, count: number): ReadableStream<Uint8Array> {
  const writer = new FramesWriter();
  return new ReadableStream({
    start(controller) {
      for (let number = 0; number < count; number++) {
        const frame = encodedFrame(CLOUD, "raw", { number, stream });
        const bytes = writer.write(frame);
        for (let at = 0; at < bytes.length; at += 7) {
          controller.enqueue(bytes.subarray(at, at + 7));
        }
      }
      controller.close();
    },
  });
}

/** A server with a session `a` of streams with so many frames. */
function serverOf(streams: Record<string, number>): AuthorizedFetch {
  return (url) => {
    if (`${url}` === "/sessions/a") {
      return Promise.resolve(Response.json({
        streams: Object.entries(streams).map(([name, frames]) => ({
          ...{ name, frames },
        })),
      }));
    }
    const [, path] = /^\/sessions\/a\/(.*)\.npys$/.exec(`${url}`) ?? [];
    if (path === undefined) {
      return Promise.resolve(new Response(null, { status: 404 }));
    }
    const name = decodeURIComponent(path);
    return Promise.resolve(new Response(bodyOf(name, streams[name])));
  };
}

Deno.test("playByHttp() hands on each message of each stream, to their end", async () => {
  const seen: string[] = [];
  const onStream = (name: string): StreamSink => ({
    onMessage: ({ byteLength }) =>
      void seen.push(`${name}: ${byteLength} bytes`),
    onLayout: ({ stride }) => void seen.push(`${name}: stride ${stride}`),
    onPlace: () => void seen.push(`${name}: place`),
    onClock: () => {},
    onEnd: () => void seen.push(`${name}: end`),
  });
  const reason = await playByHttp("a", {
    fetch: serverOf({ "front left": 2, "unused": 0 }),
    signal: new AbortController().signal,
    onConnected: () => void seen.push("connected"),
    onStream,
  });
  assertEquals(reason, "the session’s stream ended");
  const name = "front left";
  assertEquals(seen, [
    "connected",
    ...[`${name}: place`, `${name}: stride 14`],
    ...[`${name}: 38 bytes`, `${name}: 38 bytes`, `${name}: end`],
  ]);
});

Deno.test("playByHttp() says that a session is gone", async () => {
  await assertRejects(
    () =>
      playByHttp("b", {
        fetch: serverOf({}),
        signal: new AbortController().signal,
        onConnected: () => {},
        onStream: () => undefined,
      }),
    Error,
    "The server answered 404",
  );
});
