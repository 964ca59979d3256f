/** Clouds that are posted by HTTP: a real server and sockets. */
import { assert, assertEquals } from "@std/assert";
import { LocalHost } from "../../lib/hosting/local_host.ts";
import { createLogger } from "../../lib/log.ts";
import { createEncoder } from "../../lib/points/codecs.ts";
import { decodeFile, encodeFile } from "../../lib/points/formats.ts";
import { encodePointCloud2 } from "../../lib/points/pointcloud2/encode.ts";
import type { Authorize } from "../../lib/serving/access.ts";
import { HttpProblem } from "../../lib/serving/problem.ts";
import type { PointServer } from "../../lib/serving/point_server.ts";
import {
  FRAMES_MEDIA_TYPE,
  FramesWriter,
} from "../../lib/wire/framed_messages.ts";
import { startPublisher, startScene, startServer } from "../playing/scene.ts";
import { assertSameBits, concat, typedCloud } from "../points/file_clouds.ts";
import { testWith, until } from "../support.ts";
import { encodedFrame } from "../wire/encoded_frames.ts";
import { assertProblem } from "./support.ts";

const log = createLogger({ level: "error" });
const FIELDS = "x,y,z,intensity,ring:u2";
const cloudOf = (value: number) =>
  typedCloud(FIELDS, [[value, 2, 3, 0.5, 7], [-value, 0.25, 4, 1, 65535]]);

function post(
  server: PointServer,
  path: string,
  body: BodyInit,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${server.url}/sessions/${path}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream", ...headers },
    body,
  });
}

async function newestOf(server: PointServer, path: string) {
  const response = await fetch(`${server.url}/sessions/${path}.pcd`);
  return await decodeFile("a.pcd", await response.bytes());
}

const bytesOf = (bytes: Uint8Array) => new Uint8Array(bytes);

testWith([], "A posted cloud of each format makes a session", async (t) => {
  await using server = await startServer();
  const cloud = cloudOf(1);
  const stamped = { cloud, frameId: "lidar", stamp: 1_700_000_000_000 };
  const bodies: [string, Uint8Array][] = [
    ["npy", encodeFile("a.npy", cloud)],
    ["pcd", encodeFile("a.pcd", cloud)],
    [
      "pcd compressed",
      encodeFile("a.pcd", cloud, {
        pcdData: "binary_compressed",
      }),
    ],
    ["pcd in text", encodeFile("a.pcd", cloud, { pcdData: "ascii" })],
    ["ply", encodeFile("a.ply", cloud)],
    ["cloudini", createEncoder("cloudini").encode(cloud).bytes],
    ["pointcloud2", encodePointCloud2(stamped)],
  ];
  for (const [index, [name, bytes]] of bodies.entries()) {
    await t.step(name, async () => {
      const path = `robot-${index}/front/points`;
      const response = await post(server, path, bytesOf(bytes));
      const answer = await response.json();
      assertEquals(response.status, 201, JSON.stringify(answer));
      assertEquals([answer.name, answer.clouds], [`robot-${index}/front`, 1]);
      assertEquals(
        response.headers.get("location"),
        `/sessions/${answer.session}`,
      );
      const read = await newestOf(server, path);
      if (name !== "cloudini") assertSameBits(read, cloud);
      assertEquals(read.points, 2);
      const session = await server.host.session(answer.session);
      assertEquals(session.state, "connected");
      assertEquals([session.points.frames, session.points.invalid], [1, 0]);
      if (name === "pointcloud2") {
        assertEquals(session.streams[0].frameId, "lidar");
      }
    });
  }
});

testWith([], "A session that is posted to is one like the others", async () => {
  await using scene = await startScene();
  const { server } = scene;
  const path = "by-http/rear";
  const events: string[] = [];
  using _ = server.host.subscribe({
    onConnected: ({ name }) => void events.push(`opened ${name}`),
    onClosed: ({ name }, reason) =>
      void events.push(`closed ${name} ${reason}`),
  });
  const first = await post(
    server,
    path,
    bytesOf(encodeFile(".npy", cloudOf(0))),
  );
  const { session } = await first.json();
  const { watch } = await import("../../lib/playing/watch.ts");
  const { log } = await import("../playing/scene.ts");
  await using watched = await watch({ server: server.url, session, log });
  const clouds = watched[Symbol.asyncIterator]();
  for (let number = 1; number < 3; number++) {
    const bytes = bytesOf(encodeFile(".npy", cloudOf(number)));
    const response = await post(server, path, bytes);
    assertEquals(response.status, 200);
    await response.body?.cancel();
    await until(async () => {
      const { value } = await clouds.next();
      return value?.frame.number === number;
    }, { what: `cloud ${number}` });
  }
  const listed = await (await fetch(`${server.url}/sessions`)).json();
  assertEquals(listed.length, 2);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert(metrics.includes("pointwire_sessions"), metrics.slice(0, 200));
  const closed = await fetch(`${server.url}/sessions/by-http`, {
    method: "DELETE",
  });
  assertEquals(closed.status, 204);
  assertEquals(events, [
    "opened by-http",
    "closed by-http the session was deleted",
  ]);
  // A program that goes on posting doesn't undo that.
  await assertProblem(
    await post(server, path, bytesOf(encodeFile(".npy", cloudOf(0)))),
    410,
    "The session by-http was deleted: it can be made again when nothing was " +
      "posted to it for 10 s",
  );
});

testWith([], "Many clouds come in one body", async (t) => {
  await using server = await startServer();
  const clouds = [0, 1, 2, 3].map(cloudOf);
  for (const format of ["npy", "pcd", "ply"]) {
    await t.step(format, async () => {
      const files = clouds.map((cloud) => encodeFile(`.${format}`, cloud));
      const response = await post(server, `${format}/all`, concat(...files));
      assertEquals((await response.json()).clouds, 4);
      assertSameBits(await newestOf(server, `${format}/all`), clouds[3]);
    });
  }
  await t.step("frames as on the wire", async () => {
    const writer = new FramesWriter();
    const frames = clouds.map((cloud, number) =>
      writer.write(encodedFrame(cloud, "raw", { number }))
    );
    const response = await post(server, "frames/all", concat(...frames), {
      "content-type": FRAMES_MEDIA_TYPE,
    });
    const { session, clouds: count } = await response.json();
    assertEquals(count, 4);
    const { points } = await server.host.session(session);
    assertEquals([points.lastFrame, points.invalid], [3, 0]);
    assertSameBits(await newestOf(server, "frames/all"), clouds[3]);
  });
  await t.step(
    "what another stream's reader gets is posted again",
    async () => {
      const path = `${server.url}/sessions/npy/all.npys`;
      const read = await fetch(path, {
        headers: { accept: FRAMES_MEDIA_TYPE },
      });
      const reader = read.body!.getReader();
      const { value } = await reader.read();
      await reader.cancel();
      const response = await post(server, "again/all", value!, {
        "content-type": FRAMES_MEDIA_TYPE,
      });
      assertEquals((await response.json()).clouds, 1);
      assertSameBits(await newestOf(server, "again/all"), clouds[3]);
    },
  );
});

testWith([], "A body may be as long as its session", async () => {
  await using server = await startServer();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const answered = post(server, "live/all", readable);
  const writer = writable.getWriter();
  for (let number = 0; number < 5; number++) {
    await writer.write(encodeFile(".npy", cloudOf(number)));
    await until(async () => {
      const [session] = await server.host.sessions();
      return session?.points.frames === number + 1;
    }, { what: `cloud ${number}` });
  }
  await writer.close();
  assertEquals((await (await answered).json()).clouds, 5);
});

testWith([], "What is no cloud is refused", async (t) => {
  await using server = await startServer();
  const npy = bytesOf(encodeFile(".npy", cloudOf(0)));
  const cases: [string, BodyInit, number, string][] = [
    ["nothing", "", 400, "The body has no cloud"],
    [
      "text",
      "Hello, world!",
      400,
      "The body begins as neither .npy, .pcd, .ply, Cloudini nor a " +
      "PointCloud2 in CDR do",
    ],
    [
      "half a cloud",
      npy.subarray(0, npy.length - 8),
      400,
      `The body ends after ${npy.length - 8} of a cloud's ${npy.length} bytes`,
    ],
    [
      "a claim of many bytes",
      hugeNpy(),
      413,
      `The body is larger than ${64 * 1024 * 1024} bytes`,
    ],
  ];
  for (const [name, body, status, detail] of cases) {
    await t.step(name, async () => {
      await assertProblem(await post(server, "x/y", body), status, detail);
    });
  }
  await t.step("a form", async () => {
    const type = "application/x-www-form-urlencoded";
    const response = await post(server, "x/y", npy, { "content-type": type });
    assertEquals(
      response.headers.get("accept-post"),
      `application/octet-stream, ${FRAMES_MEDIA_TYPE}`,
    );
    await assertProblem(
      response,
      415,
      `The content type is "${type}", not "application/octet-stream" or ` +
        `"${FRAMES_MEDIA_TYPE}"`,
    );
  });
  await t.step("strange names", async () => {
    for (const path of ["..%2f..%2fetc/y", "__proto__/%00", "a b/y"]) {
      const response = await post(server, path, npy);
      assertEquals(response.status, 400, path);
      await response.body?.cancel();
    }
    // Words that every object has are names like others.
    const response = await post(server, "__proto__/constructor", npy);
    assertEquals(response.status, 201);
    await response.body?.cancel();
    const cloud = await newestOf(server, "__proto__/constructor");
    assertSameBits(cloud, cloudOf(0));
  });
  await t.step("a session by WebRTC", async () => {
    await using _ = await startPublisher(server, { name: "robot" });
    const response = await post(server, "robot/points", npy);
    assertEquals(response.status, 409, await response.text());
  });
});

testWith(
  [],
  "What can't be decoded is said, counted, and ends nothing",
  async () => {
    await using server = await startServer();
    const cloud = cloudOf(0);
    const bytes = encodePointCloud2({ cloud, frameId: "", stamp: 0 });
    const made = await post(server, "robot/points", bytes);
    const { session } = await made.json();
    bytes.fill(0xff, 30);
    const response = await post(server, "robot/points", bytes);
    assertEquals(response.status, 400);
    const { detail } = await response.json();
    assert(detail.startsWith("Cannot read PointCloud2"), detail);
    const { points, state } = await server.host.session(session);
    assertEquals([points.frames, points.invalid, state], [1, 1, "connected"]);
  },
);

testWith([], "Posted clouds are held to their session's limits", async () => {
  const session = { limits: { framePoints: 1 } };
  await using server = await startServer({ session });
  const npy = bytesOf(encodeFile(".npy", cloudOf(0)));
  const response = await post(server, "robot/points", npy);
  assertEquals(response.status, 429);
  const { detail } = await response.json();
  assert(
    /^The session is over: .* has 2 points, and at most 1/.test(detail),
    detail,
  );
  assertEquals(await server.host.sessions(), []);
  assertEquals(server.limitCounters.snapshot()["frame-points"], 1);
});

/** `a` and `b` may publish, `b` as `lab/*` alone, and `c` may watch. */
const authorize: Authorize = (request) => {
  const caller = request.headers.get("authorization") ?? "";
  switch (caller) {
    case "a":
      return { caller, rights: { publish: "all" } };
    case "b":
      return { caller, rights: { publish: new Set(["lab/*"]) } };
    case "c":
      return { caller, rights: { watch: "all" } };
  }
  throw new HttpProblem(401, "Who are you?");
};

testWith([], "Rights are those of offers and watchers", async () => {
  await using server = await startServer({ authorize });
  const npy = bytesOf(encodeFile(".npy", cloudOf(0)));
  const postAs = async (authorization: string, path: string) => {
    const response = await post(server, path, npy, { authorization });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await postAs("", "robot/points"), 401);
  assertEquals(await postAs("b", "robot/points"), 403);
  assertEquals(await postAs("a", "robot/points"), 201);
  assertEquals(await postAs("a", "robot/points"), 200);
  assertEquals(await postAs("a", "lab/1/points"), 201);
  // What is somebody else's is not added to.
  assertEquals(await postAs("b", "lab/1/points"), 403);
  assertEquals(await postAs("b", "lab/2/points"), 201);
  const readAs = async (authorization: string) => {
    const url = `${server.url}/sessions/robot/points.npy`;
    const response = await fetch(url, { headers: { authorization } });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await readAs(""), 401);
  assertEquals(await readAs("a"), 403);
  assertEquals(await readAs("c"), 200);
});

testWith([], "Pages of others can't post", async () => {
  await using server = await startServer();
  const npy = bytesOf(encodeFile(".npy", cloudOf(0)));
  const origin = "https://elsewhere.example";
  const response = await post(server, "robot/points", npy, { origin });
  assertEquals(response.status, 403);
  await response.body?.cancel();
});

/** A header that claims 2^40 points, and no points. */
function hugeNpy(): Uint8Array<ArrayBuffer> {
  const text = "{'descr': '<f4', 'fortran_order': False, " +
    `'shape': (${2 ** 40}, 3), }`.padEnd(80) + "\n";
  const bytes = new Uint8Array(10 + text.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length, 0]);
  bytes.set(new TextEncoder().encode(text), 10);
  return bytes;
}

/** A cloud of so many bytes, a few points of many fields. */
function wideNpy(bytes: number) {
  const names = Array.from({ length: 250 }, (_, i) => `f${i}`);
  const cloud = typedCloud(["x,y,z", ...names].join(), [
    Array(253).fill(1),
  ]);
  const points = Math.floor(bytes / cloud.stride);
  const data = new Uint8Array(points * cloud.stride);
  return encodeFile(".npy", { ...cloud, data, points, width: points });
}

testWith([], "The first posted cloud is held to what all are", async () => {
  const MIB = 1024 * 1024;
  for (const frameBytes of [MIB, 80 * MIB]) {
    const session = { limits: { frameBytes } };
    await using host = new LocalHost({ log, session });
    await using server = await startServer({ host });
    const posted = async (bytes: number) =>
      await post(server, "x/y", bytesOf(wideNpy(bytes)));
    const refused = await posted(1.5 * frameBytes);
    const detail = `The body is larger than ${frameBytes} bytes`;
    await assertProblem(refused, 413, detail);
    const taken = await posted(0.9 * frameBytes);
    assertEquals(taken.status, 201, await taken.text());
  }
});
