/** The clouds of sessions by HTTP: a real server, publishers and sockets. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { FrameReceiver } from "../../lib/playing/frame_receiver.ts";
import { decodeFile } from "../../lib/points/formats.ts";
import type { PointServer } from "../../lib/serving/point_server.ts";
import type { EncodedFrame } from "../../lib/wire/frame.ts";
import { FRAMES_MEDIA_TYPE } from "../../lib/wire/framed_messages.ts";
import {
  cloudOf,
  type Publisher,
  startPublisher,
  startServer,
} from "../playing/scene.ts";
import { assertSameBits } from "../points/file_clouds.ts";
import { testWith, until } from "../support.ts";
import { assertProblem } from "./support.ts";

interface Robot extends Publisher {
  server: PointServer;
  /** URL of its stream, without an extension. */
  url: string;
  /** Has a cloud sent, and waits until it is there. */
  send(count?: number): Promise<void>;
}

/** Starts a server with a session `robot/front`, whose clouds are exact. */
async function startRobot(
  options: Parameters<typeof startServer>[0] = {},
): Promise<Robot> {
  await using life = new AsyncDisposableStack();
  const server = life.use(await startServer(options));
  const publisher = life.use(
    await startPublisher(server, { name: "robot/front" }),
  );
  const url = `${server.url}/sessions/robot/front`;
  const rest = life.move();
  let sent = 0;
  return {
    ...publisher,
    server,
    url: `${url}/points`,
    async send(count = 1) {
      publisher.source.send(count);
      sent += count;
      await until(async () => {
        const [{ points }] = await server.host.sessions();
        return points.frames + points.skipped === sent;
      }, { what: `${sent} clouds` });
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/** Reads a body's bytes as they are asked for. */
class BodyReader implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest = new Uint8Array();

  constructor({ body }: Response) {
    this.#reader = body!.getReader();
  }

  /** Reads so many bytes; fewer at the end. */
  async read(bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#rest.length < bytes) {
      const { done, value } = await this.#reader.read();
      if (done) break;
      const joined = new Uint8Array(this.#rest.length + value.length);
      joined.set(this.#rest);
      joined.set(value, this.#rest.length);
      this.#rest = joined;
    }
    const read = this.#rest.slice(0, bytes);
    this.#rest = this.#rest.slice(bytes);
    return read;
  }

  async [Symbol.asyncDispose]() {
    await this.#reader.cancel();
  }
}

testWith([], "The newest cloud is a file of each format", async (t) => {
  await using robot = await startRobot();
  await robot.send(2);
  for (const format of ["pcd", "ply", "npy", "las", "cloudini"]) {
    await t.step(format, async () => {
      const response = await fetch(`${robot.url}.${format}`);
      const bytes = await response.bytes();
      assertEquals(response.status, 200);
      const { headers } = response;
      assertEquals(headers.get("cache-control"), "no-store");
      assertEquals(headers.get("content-length"), `${bytes.length}`);
      const age = Date.now() - Number(headers.get("pointwire-capture-time"));
      assert(Math.abs(age) < 60_000, `${age} ms old`);
      const cloud = await decodeFile(`a.${format}`, bytes);
      const isExact = format !== "cloudini" && format !== "las";
      if (isExact) assertSameBits(cloud, cloudOf(1));
      assertEquals(cloud.points, 2_000);
    });
  }
  await t.step("HEAD", async () => {
    const head = await fetch(`${robot.url}.npy`, { method: "HEAD" });
    const length = Number(head.headers.get("content-length"));
    assertGreater(length, 2_000 * 16);
    assertEquals(await head.text(), "");
  });
  await t.step("by the session's id", async () => {
    const [{ id }] = await robot.server.host.sessions();
    const url = `${robot.server.url}/sessions/${id}/points.npy`;
    assertEquals((await (await fetch(url)).bytes()).length > 0, true);
  });
});

testWith([], "A cloud's entity tag is of its frame", async () => {
  await using robot = await startRobot();
  await robot.send();
  const get = (etag: string, query = "") =>
    fetch(`${robot.url}.npy${query}`, { headers: { "if-none-match": etag } });
  const first = await fetch(`${robot.url}.npy`);
  const etag = first.headers.get("etag")!;
  await first.bytes();
  const same = await get(etag);
  assertEquals([same.status, await same.text()], [304, ""]);
  assertEquals(same.headers.get("etag"), etag);

  // Whoever names the one before gets the next as soon as it is there.
  const waiting = get(etag, "?wait=next");
  await robot.send();
  const next = await waiting;
  assertEquals(next.status, 200);
  assertSameBits(await decodeFile("a.npy", await next.bytes()), cloudOf(1));
  const behind = await get(etag, "?wait=next");
  assertSameBits(await decodeFile("a.npy", await behind.bytes()), cloudOf(1));
});

testWith([], "What isn't there is a problem document", async () => {
  await using server = await startServer();
  const at = (path: string) => fetch(`${server.url}/sessions/${path}`);
  await assertProblem(
    await at("nobody/points.npy"),
    404,
    "There is no session nobody",
  );
  await using publisher = await startPublisher(server, {
    name: "robot",
  });
  const none = await at("robot/points.npy");
  assertEquals(none.headers.get("retry-after"), "5");
  await assertProblem(none, 503, "No cloud has come yet");
  await assertProblem(
    await at("robot/points.npy?wait=forever"),
    400,
    'wait is "forever", not "next"',
  );
  const first = at("robot/points.npy?wait=next");
  await until(async () => (await server.host.sessions())[0].watchers === 1, {
    what: "the reader",
  });
  publisher.source.send(1);
  const cloud = await decodeFile("a.npy", await (await first).bytes());
  assertSameBits(cloud, cloudOf(0));
  await assertProblem(
    await at("robot/constructor.npy"),
    404,
    "The session has no stream constructor; it has points",
  );
  for (const path of ["__proto__/points.npy", "robot/points.exe"]) {
    const response = await at(path);
    assertEquals(response.status, 404, path);
    await response.body?.cancel();
  }
});

testWith(
  [],
  "Every cloud comes in one answer, until the session ends",
  async () => {
    await using robot = await startRobot();
    await robot.send();
    await using body = new BodyReader(await fetch(`${robot.url}.npys`));
    const bytes = (await (await fetch(`${robot.url}.npy`)).bytes()).length;
    for (let number = 0; number < 3; number++) {
      const cloud = await decodeFile("a.npy", await body.read(bytes));
      assertSameBits(cloud, cloudOf(number));
      if (number < 2) await robot.send();
    }
    const [{ id, watchers }] = await robot.server.host.sessions();
    assertEquals(watchers, 1);
    await robot.server.host.endSession(id, "test", "ended");
    assertEquals((await body.read(1)).length, 0);
  },
);

testWith([], "Frames come as on the wire", async () => {
  await using robot = await startRobot();
  await robot.send();
  const response = await fetch(`${robot.url}.npys`, {
    headers: { accept: FRAMES_MEDIA_TYPE },
  });
  assertEquals(response.headers.get("content-type"), FRAMES_MEDIA_TYPE);
  await using body = new BodyReader(response);
  const frames: EncodedFrame[] = [];
  const receiver = new FrameReceiver("", {
    onHello: () => {},
    onFrame: (frame) => frames.push(frame),
    onInvalid: (error) => {
      throw error;
    },
    onDraining: () => {},
    onBye: () => {},
  });
  await robot.send();
  while (frames.length < 2) {
    const length = new DataView((await body.read(4)).buffer).getUint32(0, true);
    const message = await body.read(length);
    receiver.push(
      message[0] === 1 ? message : new TextDecoder().decode(message),
    );
  }
  frames.forEach(({ stream, codec, bytes }, number) => {
    assertEquals([stream, codec], ["points", "f32"]);
    assertEquals(bytes, cloudOf(number).data);
  });
});

testWith([], "A slow reader gets the newest, and is counted", async () => {
  await using robot = await startRobot();
  await robot.send();
  await using body = new BodyReader(await fetch(`${robot.url}.npys`));
  // What sockets hold is full at some time; then clouds are left out.
  await until(async () => {
    await robot.send(40);
    const [{ forwarded }] = await robot.server.host.sessions();
    return forwarded.framesDropped > 10;
  }, { what: "dropped clouds" });
  await robot.send();
  const newest = await (await fetch(`${robot.url}.npy`)).bytes();
  await until(async () => {
    const bytes = await body.read(newest.length);
    return bytes.every((byte, i) => byte === newest[i]);
  }, { what: "the newest cloud" });
});

testWith([], "Readers count as watchers do", async () => {
  await using robot = await startRobot({ limits: { watchers: 1 } });
  await robot.send();
  const first = await fetch(`${robot.url}.npys`);
  const refused = await fetch(`${robot.url}.npy`);
  assertEquals(refused.headers.get("retry-after"), "10");
  await assertProblem(
    refused,
    503,
    "The session has all the watchers that it takes (1)",
  );
  await first.body!.cancel();
  // The place is free again soon.
  await until(async () => {
    const response = await fetch(`${robot.url}.npy`);
    await response.bytes();
    return response.ok;
  }, { what: "the place" });
});
