/** watch() with a real server, publisher and network stack, in one process. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
} from "@std/assert";
import type { WatchedCloud } from "../../lib/playing/watched_session.ts";
import { type PointCloud, toFloat32 } from "../../lib/points/cloud.ts";
import { PointsError } from "../../lib/points/errors.ts";
import type { MediaFrame } from "../../lib/media/frame.ts";
import { makeIdentity } from "../auth/certificates.ts";
import { pause, testWith } from "../support.ts";
import { peerTest, tamperWithDatagrams } from "../transport/pair.ts";
import { cloudOf, startScene, startServer } from "./scene.ts";

/** Takes the next clouds, as they are sent one after the other. */
async function take(
  clouds: AsyncIterator<WatchedCloud>,
  count: number,
): Promise<PointCloud[]> {
  const taken: PointCloud[] = [];
  while (taken.length < count) {
    const { value, done } = await clouds.next();
    assert(!done, "there are no more clouds");
    taken.push({ ...value.cloud, data: value.cloud.data.slice() });
  }
  return taken;
}

peerTest("watch() gives the clouds as they were sent", async () => {
  await using scene = await startScene();
  await using session = await scene.watch();
  assertEquals(session.id, (await scene.server.host.sessions())[0].id);
  const clouds = session[Symbol.asyncIterator]();
  for (let number = 0; number < 5; number++) {
    scene.source.send(1);
    assertEquals(await take(clouds, 1), [cloudOf(number)]);
  }
  const bytes = 5 * cloudOf(0).data.length;
  const counters = { frames: 5, bytes, skipped: 0, invalid: 0 };
  assertEquals(session.counters, counters);
});

peerTest("onCloud is called for each cloud", async () => {
  await using scene = await startScene();
  const got: number[] = [];
  let called = Promise.withResolvers<void>();
  await using session = await scene.watch({
    onCloud(cloud, { captureTime }) {
      const values = toFloat32(cloud);
      assertEquals(cloud.points * cloud.fields.length, values.length);
      assert(Math.abs(Date.now() - captureTime) < 60_000);
      got.push(values[0]);
      called.resolve();
    },
  });
  for (let sent = 0; sent < 4; sent++) {
    scene.source.send(1);
    await called.promise;
    called = Promise.withResolvers();
  }
  assertEquals(got, [0, 10_000, 20_000, 30_000]);
  assertEquals(session.counters.frames, 4);
});

peerTest("what a callback throws is the program's own", async () => {
  await using scene = await startScene();
  const thrown: unknown[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    thrown.push(event.error);
  };
  globalThis.addEventListener("error", onError);
  using _ = {
    [Symbol.dispose]: () => globalThis.removeEventListener("error", onError),
  };
  const error = new PointsError("empty", "not the server's fault");
  await using session = await scene.watch({
    onCloud() {
      throw error;
    },
  });
  scene.source.send(1);
  const [cloud] = await take(session[Symbol.asyncIterator](), 1);
  assertEquals(cloud, cloudOf(0));
  assertEquals(thrown, [error]);
  assertEquals(session.counters.invalid, 0);
});

peerTest("one who comes late gets the newest cloud at once", async () => {
  await using scene = await startScene();
  await using early = await scene.watch();
  scene.source.send(1);
  await take(early[Symbol.asyncIterator](), 1);
  await using late = await scene.watch({ session: early.id });
  const [cloud] = await take(late[Symbol.asyncIterator](), 1);
  assertEquals(cloud, cloudOf(0));
});

peerTest(
  "a slow loop gets the newest, and misses what it overtook",
  async () => {
    await using scene = await startScene();
    let came = Promise.withResolvers<void>();
    await using session = await scene.watch({ onFrame: () => came.resolve() });
    const got: number[] = [];
    scene.source.send(1);
    for await (const { cloud, frame } of session) {
      assertEquals(toFloat32(cloud)[0], frame.number * 10_000);
      got.push(frame.number);
      if (got.length === 2) break;
      for (let sent = 0; sent < 3; sent++) {
        came = Promise.withResolvers();
        scene.source.send(1);
        await came.promise;
      }
    }
    assertEquals(got, [0, 3]);
    assertEquals(session.counters.frames, 4);
  },
);

peerTest("an attempt that is dead is followed by a fresh one", async () => {
  let hold = false;
  const known = new Set<number>();
  // The session goes on meanwhile, however long the attempt takes.
  using _link = tamperWithDatagrams((_, pass, to) => {
    if (!hold) known.add(to);
    if (known.has(to)) pass();
  });
  await using scene = await startScene();
  await using early = await scene.watch();
  scene.source.send(1);
  await take(early[Symbol.asyncIterator](), 1);
  hold = true;
  let attempts = 0;
  using _ = scene.server.host.subscribe({
    onWatcherClosed() {
      attempts++;
      hold = false;
    },
  });
  await using session = await scene.watch();
  assertGreater(attempts, 0);
  const [cloud] = await take(session[Symbol.asyncIterator](), 1);
  assertEquals(cloud, cloudOf(0));
});

peerTest(
  "why a session ends is known where the network loses it first",
  async () => {
    let isDown = false;
    using _link = tamperWithDatagrams((_, pass) => isDown || pass());
    await using scene = await startScene();
    await using session = await scene.watch();
    scene.source.send(1);
    await take(session[Symbol.asyncIterator](), 1);
    const [{ id }] = await scene.server.host.sessions();
    isDown = true;
    const ended = scene.server.host.endSession(id, "it was deleted", "deleted");
    await pause(100);
    isDown = false;
    assertEquals(await session.ended, {
      code: "deleted",
      reason: "it was deleted",
    });
    await ended;
  },
);

peerTest("a session that ends ends the loop, and says why", async () => {
  await using scene = await startScene();
  await using session = await scene.watch();
  scene.source.send(1);
  let count = 0;
  for await (const { cloud: { points } } of session) {
    count += points;
    await scene.stop();
  }
  assertEquals(count, 2_000);
  const { code, reason } = await session.ended;
  assertEquals([code, reason], ["ended", "the peer closed the connection"]);
  const { value, done } = await session[Symbol.asyncIterator]().next();
  assertEquals([value?.cloud.points, done], [2_000, false]);
});

peerTest(
  "a session that is deleted, and a server that stops, say so",
  async () => {
    await using scene = await startScene();
    await using session = await scene.watch();
    await scene.server.host.endSession(session.id, "no more of it", "deleted");
    assertEquals(await session.ended, {
      code: "deleted",
      reason: "no more of it",
    });

    await using other = await startScene();
    await using second = await other.watch();
    await other.server.close("the server goes home");
    assertEquals(await second.ended, {
      code: "stopped",
      reason: "the server goes home",
    });
  },
);

peerTest(
  "to leave, by dispose or signal, frees the server's side too",
  async () => {
    await using scene = await startScene();
    const gone = () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const subscription = scene.server.host.subscribe({
        onWatcherClosed() {
          subscription[Symbol.dispose]();
          resolve();
        },
      });
      return promise;
    };
    const left = { code: "left", reason: "the program left" } as const;
    {
      const first = await scene.watch();
      const closed = gone();
      await first[Symbol.asyncDispose]();
      await closed;
      assertEquals(await first.ended, left);
      await first[Symbol.asyncDispose]();
    }
    const life = new AbortController();
    await using second = await scene.watch({ signal: life.signal });
    const closed = gone();
    scene.source.send(1);
    for await (const _ of second) life.abort();
    assertEquals(await second.ended, left);
    await closed;
  },
);

peerTest("what is not there is named", async () => {
  const { watch } = await import("../../lib/playing/watch.ts");
  const { NoSessionError } = await import("../../lib/playing/errors.ts");
  const { SignalingError } = await import("../../lib/signaling/errors.ts");
  await using server = await startServer();
  const { url } = server;
  const none = await assertRejects(
    () => watch({ server: url }),
    NoSessionError,
  );
  assertEquals(none.message, `No session is live on ${url}/`);
  const unknown = await assertRejects(
    () => watch({ server: url, session: "nobody" }),
    NoSessionError,
  );
  assertEquals(
    unknown.message,
    `${url}/whep/nobody answered 404: There is no session nobody`,
  );
  await assertRejects(() => watch({ server: "nowhere" }), TypeError, "nowhere");
  const reason = new Error("asked to stop");
  await assertRejects(
    () => watch({ server: url, signal: AbortSignal.abort(reason) }),
    Error,
    "asked to stop",
  );
  await server.close("test over");
  const away = await assertRejects(
    () => watch({ server: url }),
    SignalingError,
  );
  assertEquals(
    away.message,
    `Can't reach ${url}/sessions: Connection refused; ` +
      `is the server running there?`,
  );
});

peerTest("a token and a certificate that are missing are named", async () => {
  const { watch } = await import("../../lib/playing/watch.ts");
  const { SignalingError } = await import("../../lib/signaling/errors.ts");
  const { HttpProblem } = await import("../../lib/serving/problem.ts");
  const { cert, key, ca } = await makeIdentity();
  await using server = await startServer({
    tls: { cert, key },
    authorize(request) {
      if (request.headers.get("authorization") === "Bearer right") return;
      throw new HttpProblem(401, "A token is needed");
    },
  });
  const { url } = server;
  const untrusted = await assertRejects(
    () => watch({ server: url }),
    SignalingError,
    "name that one's with the option caCerts",
  );
  assertEquals(untrusted.status, undefined);
  const caCerts = [ca];
  for (
    const [token, advice] of [
      [undefined, "give one with the option token"],
      ["wrong", "give another with the option token"],
    ] as const
  ) {
    const error = await assertRejects(
      () => watch({ server: url, token, caCerts, session: "x" }),
      SignalingError,
      advice,
    );
    assertEquals(error.status, 401);
  }
  const right = { server: url, token: "right", caCerts };
  await assertRejects(() => watch(right), Error, "No session is live");
});

testWith(
  ["ffmpeg"],
  "onMediaFrame is called for picture and sound",
  async () => {
    const { openFileMedia } = await import("../../lib/media/file_media.ts");
    const media = await openFileMedia("tests/data/test.mp4", {
      videoCodec: "vp8",
    });
    await using scene = await startScene({ media });
    const seen = new Map<string, MediaFrame>();
    const both = Promise.withResolvers<void>();
    await using _session = await scene.watch({
      onMediaFrame(frame) {
        if (frame.kind === "audio" || frame.keyframe) {
          seen.set(frame.kind, frame);
        }
        if (seen.size === 2) {
          both.resolve();
        }
      },
    });
    await both.promise;
    const video = seen.get("video")!;
    assertEquals([video.codec, video.width, video.height], ["VP8", 320, 240]);
    assertEquals(seen.get("audio")!.codec, "opus");
  },
  { sanitizeOps: false, sanitizeResources: false },
);
