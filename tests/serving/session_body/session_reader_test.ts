import { assert, assertEquals, assertRejects } from "@std/assert";
import { ByteBudget } from "../../../lib/limits/byte_budget.ts";
import { SessionReader } from "../../../lib/serving/session_body/session_reader.ts";
import { Feed } from "../../../lib/session/feed.ts";
import { parseSessionMessage } from "../../../lib/wire/session_messages.ts";
import {
  readMedia,
  readRecordHeader,
  RECORD_HEADER_BYTES,
  type RecordHeader,
} from "../../../lib/wire/session_records.ts";
import { typedCloud } from "../../points/file_clouds.ts";
import { encodedFrame } from "../../wire/encoded_frames.ts";

const SECOND = 1_800_000_000;
/** The same moment in sender reports, which count from 1900. */
const NTP = BigInt(SECOND + 2_208_988_800) << 32n;

/** The beginnings of RTP payloads: VP8's pictures, an IDR slice of H.264. */
const KEY = [0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 1, 0xf0, 0];
const INTER = [0x10, 1, 0, 0];
const IDR = [0x65, 0x88];

type Read = RecordHeader & { data: Uint8Array<ArrayBuffer> };

/** A feed with a picture and sound, and one who reads it. */
function start() {
  const feed = new Feed();
  const requestKeyframe = () => {};
  feed.addTrack({
    ...{ kind: "video", codec: "VP8", clockRate: 90_000, requestKeyframe },
    name: "front",
  });
  feed.addTrack({
    ...{ kind: "audio", codec: "opus", clockRate: 48_000, requestKeyframe },
  });
  for (const track of [0, 1]) {
    feed.clock(track, { ntpTimestamp: NTP, rtpTimestamp: 0 });
  }
  const budget = new ByteBudget(100 * 2 ** 20);
  const reader = new SessionReader(feed, { budget, hasMedia: true });
  let sequenceNumber = 0;
  return {
    ...{ feed, reader, budget },
    send(track: number, start: number[], timestamp: number, bytes = 100) {
      const payload = new Uint8Array(bytes).fill(1);
      payload.set(start);
      sequenceNumber++;
      feed.packet(track, { sequenceNumber, timestamp, marker: true, payload });
    },
    /** All records that there are. */
    async records(): Promise<Read[]> {
      const records: Read[] = [];
      while (true) {
        // What is there is taken at once, before the signal is looked at again.
        const none = new AbortController();
        const taken = reader.take(none.signal);
        none.abort(new Error("nothing waits"));
        const bytes = await taken.catch(() => undefined);
        if (bytes === undefined) return records;
        for (let at = 0; at < bytes.length;) {
          const header = readRecordHeader(bytes.subarray(at));
          at += RECORD_HEADER_BYTES;
          const data = bytes.slice(at, at += header.bytes);
          records.push({ ...header, data });
        }
      }
    },
  };
}

const textOf = ({ data }: Read) =>
  parseSessionMessage(new TextDecoder().decode(data));

Deno.test("sound comes first, and pictures leave half of the path to clouds", async () => {
  const { feed, send, records } = start();
  const points = Array.from({ length: 20_000 }, () => [1, 2, 3]);
  const cloud = typedCloud("x,y,z", points);
  for (const stream of ["front", "rear"]) {
    feed.frame(encodedFrame(cloud, "raw", { stream }));
  }
  send(0, KEY, 0, 6_000);
  for (let i = 1; i < 30; i++) send(0, INTER, 3_000 * i, 6_000);
  for (let i = 0; i < 5; i++) send(1, [0xfc], 960 * i);

  const [tracks, ...rest] = await records();
  assertEquals(textOf(tracks), {
    type: "tracks",
    tracks: [
      { kind: "video", name: "front", codec: "VP8" },
      { kind: "audio", codec: "opus" },
    ],
  });
  const kinds = rest.map(({ kind, of }) => `${kind} ${of}`);
  assertEquals(kinds.slice(0, 5), Array(5).fill("media 1"));
  assertEquals(kinds.filter((kind) => kind === "media 0").length, 30);
  const pictures = rest.slice(5, 5 + 3 * 4).map(({ kind }) => kind);
  assertEquals(
    pictures,
    // Text goes before a cloud: hello, stream, fields are messages of points.
    Array(3).fill(["media", "media", "media", "points"]).flat(),
  );
  // A cloud that was begun is finished before the other stream's.
  const streams = rest.filter(({ kind }) => kind === "points")
    .map(({ of }) => of);
  assertEquals(streams, streams.toSorted((a, b) => a - b));
  assertEquals(new Set(streams), new Set([0, 1]));

  const times = rest.filter(({ kind }) => kind === "media")
    .map(({ data }) => readMedia(data)!.captureTime - SECOND * 1000);
  assertEquals(times.slice(0, 3), [0, 20, 40]);
  assert(Math.abs(times[6] - 1000 / 30) < 0.1, `${times[6]} ms`);
});

Deno.test("a picture in another codec comes after the word of it", async () => {
  const { feed, send, records } = start();
  send(0, KEY, 0);
  feed.setCodec(0, "H264");
  // The first may go on with a picture whose begin is missing.
  for (let i = 1; i <= 2; i++) send(0, IDR, 3_000 * i);
  const all = (await records()).map((record) => {
    if (record.kind === "media") return "picture";
    const message = textOf(record);
    return message?.type === "tracks" && message.tracks[0].codec;
  });
  assertEquals(all, ["VP8", "picture", "H264", "picture"]);
});

Deno.test("who reads no more holds nothing, and nobody waits for ever", async () => {
  const { feed, reader, budget, send, records } = start();
  await records();
  const over = new AbortController();
  const waiting = reader.take(over.signal);
  over.abort(new Error("nobody reads"));
  await assertRejects(() => waiting, Error, "nobody reads");
  send(0, KEY, 0, 1_000);
  assertEquals(feed.watchers, 1);
  reader[Symbol.dispose]();
  assertEquals(feed.watchers, 0);
  using held = budget.take(100 * 2 ** 20);
  assert(held !== undefined);
  assertEquals(budget.take(1), undefined);
});
