/** All that a session has, by HTTP: a real server, publishers and sockets. */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { joinBytes } from "../../../lib/points/join_bytes.ts";
import { FrameReceiver } from "../../../lib/playing/frame_receiver.ts";
import {
  recordsOf,
  type SessionRecord,
} from "../../../lib/viewer/session_body.ts";
import type { EncodedFrame } from "../../../lib/wire/frame.ts";
import { parseSessionMessage } from "../../../lib/wire/session_messages.ts";
import {
  readMedia,
  SESSION_MEDIA_TYPE,
} from "../../../lib/wire/session_records.ts";
import { picturesOfH264 } from "../../media/coded_video.ts";
import { cloudOf, startPublisher, startServer } from "../../playing/scene.ts";
import { JSON_BODY, ROOT, testWith, until } from "../../support.ts";
import { assertProblem } from "../support.ts";

const ACCEPT = { accept: SESSION_MEDIA_TYPE };

/** Records of a session, as they come. */
class SessionClient implements AsyncDisposable {
  readonly texts: unknown[] = [];
  readonly frames: EncodedFrame[] = [];
  /** By the numbers of tracks. */
  readonly media: {
    track: number;
    isKeyframe: boolean;
    captureTime: number;
    data: Uint8Array<ArrayBuffer>;
  }[] = [];
  readonly #records: AsyncGenerator<SessionRecord, void, void>;
  readonly #streams = new Map<number, FrameReceiver>();

  constructor({ body }: Response) {
    this.#records = recordsOf(body!);
  }

  /** Reads until something holds, or to the end. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const { value, done } = await this.#records.next();
      if (done) return;
      this.#take(value);
    }
  }

  async [Symbol.asyncDispose]() {
    await this.#records.return();
  }

  #take({ kind, of, isKeyframe, data }: SessionRecord): void {
    const text = new TextDecoder();
    if (kind === "text") {
      this.texts.push(parseSessionMessage(text.decode(data)));
    } else if (kind === "media") {
      this.media.push({ track: of, isKeyframe, ...readMedia(data)! });
    } else {
      const stream = this.#streams.get(of) ?? this.#open();
      this.#streams.set(of, stream);
      stream.push(data[0] === 1 ? data : text.decode(data));
    }
  }

  #open(): FrameReceiver {
    return new FrameReceiver("", {
      onHello: () => {},
      onFrame: (frame) => this.frames.push(frame),
      onInvalid: (error) => {
        throw error;
      },
      onDraining: () => {},
      onBye: () => {},
    });
  }
}

testWith(
  ["ffmpeg"],
  "All of a session comes in one answer, on one clock, until it ends",
  async () => {
    const { openFileMedia } = await import("../../../lib/media/file_media.ts");
    await using media = await openFileMedia(`${ROOT}tests/data/test.mp4`, {
      videoCodec: "h264",
    });
    await using server = await startServer();
    await using publisher = await startPublisher(server, {
      ...{ name: "robot", media },
    });
    publisher.source.send(1);
    const url = `${server.url}/sessions/robot`;
    const response = await fetch(url, { headers: ACCEPT });
    const { headers } = response;
    assertEquals(headers.get("content-type"), SESSION_MEDIA_TYPE);
    assertEquals(headers.get("cache-control"), "no-store");
    await using client = new SessionClient(response);
    const { texts, frames } = client;
    const of = (track: number) =>
      client.media.filter((each) => each.track === track);
    await client.until(() => frames.length === 1);
    publisher.source.send(1);
    await client.until(() => frames.length === 2);
    await client.until(() => of(0).length > 30 && of(1).length > 50);

    assertEquals(texts, [{
      type: "tracks",
      tracks: [
        { kind: "video", codec: "H264" },
        { kind: "audio", codec: "opus" },
      ],
    }]);
    frames.forEach(({ stream, bytes }, number) => {
      assertEquals(stream, "points");
      assertEquals(bytes, cloudOf(number).data);
    });
    const [pictures, sound] = [of(0), of(1)];
    assertEquals(pictures[0].isKeyframe, true);
    const stream = joinBytes(pictures.map(({ data }) => data));
    assertEquals(await picturesOfH264(stream), pictures.length);
    for (const each of [pictures, sound]) {
      const times = each.map(({ captureTime }) => captureTime);
      assertEquals(times, times.toSorted((a, b) => a - b));
    }
    // A packet of sound has 20 ms.
    const span = sound[49].captureTime - sound[0].captureTime;
    assert(Math.abs(span - 49 * 20) < 100, `${span} ms for 49 packets`);
    const apart = frames[1].captureTime - pictures[0].captureTime;
    assert(Math.abs(apart) < 60_000, `${apart} ms apart`);

    const [{ id, watchers }] = await server.host.sessions();
    assertEquals(watchers, 1);
    await server.host.endSession(id, "it was asked to", "deleted");
    await client.until(() => false);
    assertEquals(texts.at(-1), {
      ...{ type: "bye", reason: "it was asked to", code: "deleted" },
    });
  },
);

testWith(
  [],
  "A session's points come without its media, where asked",
  async () => {
    await using server = await startServer();
    const path = `${server.url}/sessions/robot`;
    await assertProblem(
      await fetch(path, { headers: ACCEPT }),
      404,
      "There is no session robot",
    );
    await using publisher = await startPublisher(server, { name: "robot" });
    await assertProblem(
      await fetch(`${path}?media=all`, { headers: ACCEPT }),
      400,
      'media is "all", not "none"',
    );
    const head = await fetch(path, { method: "HEAD", headers: ACCEPT });
    assertEquals(head.headers.get("content-type"), SESSION_MEDIA_TYPE);
    assertEquals(head.headers.get("vary"), "Accept");
    const json = await fetch(path);
    assertEquals((await json.json()).name, "robot");
    assertEquals(json.headers.get("vary"), "Accept");

    const response = await fetch(`${path}?media=none`, { headers: ACCEPT });
    await using client = new SessionClient(response);
    await client.until(() => client.texts.length === 1);
    assertEquals(client.texts, [{ type: "tracks", tracks: [] }]);
    publisher.source.send(1);
    await client.until(() => client.frames.length === 1);
  },
);

testWith([], "A slow reader of a session gets its newest clouds", async () => {
  await using server = await startServer();
  await using publisher = await startPublisher(server, { adaptive: false });
  publisher.source.send(1);
  const session = async () => (await server.host.sessions())[0];
  await until(async () => (await session()).points.frames > 0, {
    what: "a cloud",
  });
  const { id } = await session();
  const url = `${server.url}/sessions/${id}`;
  await using client = new SessionClient(await fetch(url, { headers: ACCEPT }));
  await client.until(() => client.frames.length === 1);
  let sent = 1;
  // What sockets hold is full at some time; then clouds are left out.
  await until(async () => {
    publisher.source.send(40);
    sent += 40;
    await until(async () => {
      const { frames, skipped } = (await session()).points;
      return frames + skipped === sent;
    }, { what: `${sent} clouds` });
    return (await session()).forwarded.framesDropped > 10;
  }, { what: "dropped clouds" });
  const last = (await session()).points.frames;
  await client.until(() => client.frames.at(-1)!.number >= last - 1);
  const { number } = client.frames.at(-1)!;
  assertEquals(client.frames.at(-1)!.bytes, cloudOf(number).data);
  assertGreater(sent, client.frames.length);
});

testWith([], "A reader that reports has little under way", async () => {
  await using server = await startServer();
  await using publisher = await startPublisher(server, {
    ...{ name: "robot", adaptive: false },
  });
  const url = `${server.url}/sessions/robot`;
  const reading = "0123456789abcdef";
  const get = (id: string) =>
    fetch(`${url}?reading=${id}`, { headers: ACCEPT });
  const report = (body: string) =>
    fetch(`${server.url}/readings/${reading}`, {
      ...{ method: "PUT", headers: JSON_BODY, body },
    });
  await assertProblem(
    await get("short"),
    400,
    'reading is "short", not 16 to 64 letters, digits, _ and -',
  );
  const response = await get(reading);
  await assertProblem(
    await get(reading),
    409,
    `Another reading is called ${reading}`,
  );
  for (const body of ["", "5", '{"bytes":"5"}', '{"bytes":0.5}']) {
    await assertProblem(
      await report(body),
      400,
      'The body is not {"bytes": N}',
    );
  }

  let read = 0;
  const counted = response.body!.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(bytes, controller) {
        read += bytes.length;
        controller.enqueue(bytes);
      },
    }),
  );
  await using client = new SessionClient(new Response(counted));
  const all = client.until(() => false);
  let sent = 0;
  await until(async () => {
    publisher.source.send(1);
    sent++;
    const [{ forwarded }] = await server.host.sessions();
    return forwarded.framesDropped > 0;
  }, { what: "a dropped cloud, though all is read that comes" });
  assertLess(read, 200_000);
  await until(async () => {
    const response = await report(JSON.stringify({ bytes: read }));
    const { receive, transmit } = await response.json();
    assert(receive <= transmit && transmit <= Date.now());
    return client.frames.at(-1)?.number === sent - 1;
  }, { what: "the newest cloud" });
  assertLess(client.frames.length, sent);
  const [{ id }] = await server.host.sessions();
  await server.host.endSession(id, "test", "ended");
  await all;
  const late = await report(JSON.stringify({ bytes: read }));
  await late.body?.cancel();
  assertEquals(late.status, 200, "one that is over is no mistake");
});
