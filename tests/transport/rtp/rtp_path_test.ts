import { assert, assertEquals, assertLess } from "@std/assert";
import { parseRtp } from "../../../lib/media/rtp.ts";
import {
  nack,
  readRtcp,
  senderReport,
  transportWideFeedback,
} from "../../../lib/transport/rtp/rtcp.ts";
import { writeHeader } from "../../../lib/transport/rtp/rtp_header.ts";
import { until } from "../../support.ts";
import { Camera, numberOf } from "./camera.ts";
import { makePath } from "./open_path.ts";
import { VIDEO_SECTION } from "./section.ts";

/** The datagram of the next frame, of one packet. */
function datagramOf(
  camera: Camera,
  { ssrc = 5, payloadType = 96, number = 0, mid = "" } = {},
): Uint8Array {
  const [packet] = camera.frame(1, true);
  const fields = { ...packet, ssrc, payloadType };
  if (mid === "") {
    return Uint8Array.of(
      ...writeHeader(fields, [{ id: 3, value: number, bytes: 2 }]),
      ...packet.payload,
    );
  }
  const header = writeHeader(fields);
  header[0] |= 0x10;
  const name = new TextEncoder().encode(mid.padEnd(3)).subarray(0, 3);
  return Uint8Array.of(
    ...header,
    0xbe,
    0xde,
    0,
    1,
    0x12,
    ...name,
    ...packet.payload,
  );
}

Deno.test("Packets get to their section by SSRC, MID or payload type", () => {
  using made = makePath();
  const bySsrc = made.receive({ remoteSsrcs: [5] });
  const byMid = made.receive({ mid: "mid", codecs: new Map([[96, "VP8"]]) });
  const byType = made.receive({ mid: "x", codecs: new Map([[100, "VP8"]]) });
  made.packets.rtp(datagramOf(new Camera(), { ssrc: 5 }));
  made.packets.rtp(datagramOf(new Camera(), { ssrc: 6, mid: "mid" }));
  // What the SSRC was once bound to, it is bound to.
  const camera = new Camera();
  camera.frame(1);
  made.packets.rtp(datagramOf(camera, { ssrc: 6 }));
  made.packets.rtp(datagramOf(new Camera(), { ssrc: 7, payloadType: 100 }));
  // Of two sections that have it: nobody knows.
  made.packets.rtp(datagramOf(new Camera(), { ssrc: 8 }));
  made.packets.rtp(datagramOf(new Camera(), { ssrc: 9, payloadType: 50 }));
  assertEquals(
    [bySsrc, byMid, byType].map((frames) => frames.map(numberOf)),
    [[0], [0, 1], [0]],
  );
});

Deno.test("A retransmission is unwrapped (RFC 4588), and one of nothing is, too", () => {
  using made = makePath();
  const frames = made.receive();
  const camera = new Camera(65_535);
  const packets = [camera.frame(1), camera.frame(1), camera.frame(1)].flat();
  const send = (i: number, repeated = false) => {
    const packet = packets[i];
    const { sequenceNumber, payload } = packet;
    if (!repeated) {
      const header = writeHeader({ ...packet, ssrc: 5, payloadType: 96 });
      return made.packets.rtp(Uint8Array.of(...header, ...payload));
    }
    const fields = { ...packet, ssrc: 6, payloadType: 97, sequenceNumber: 1 };
    const original = [sequenceNumber >> 8, sequenceNumber & 0xff];
    const bytes = [...writeHeader(fields), ...original, ...payload];
    made.packets.rtp(Uint8Array.from(bytes));
  };
  send(0);
  send(2);
  assertEquals(frames.map(numberOf), [0]);
  send(1, true);
  assertEquals(frames.map(numberOf), [0, 1, 2]);
  // Cut off before, within and after the number: an empty packet is a probe.
  for (let length = 0; length <= 15; length++) {
    const header = writeHeader({ ...packets[0], ssrc: 6, payloadType: 97 });
    made.packets.rtp(Uint8Array.of(...header, 0, 9, 9).slice(0, length));
  }
});

Deno.test("What came is told of soon, and in one go", async () => {
  using made = makePath();
  made.receive();
  const camera = new Camera();
  for (const number of [7, 8, 10]) {
    made.packets.rtp(datagramOf(camera, { number }));
  }
  const bodies: Uint8Array[] = [];
  const look = () =>
    made.rtcp.splice(0).forEach((compound) =>
      readRtcp(compound, { transportFeedback: (body) => bodies.push(body) })
    );
  await until(() => (look(), bodies.length > 0), { what: "feedback" });
  assertEquals(bodies.length, 1);
  assertEquals([...bodies[0].subarray(0, 4)], [0, 7, 0, 4]);
});

Deno.test("SSRCs without end take no room", () => {
  using made = makePath();
  made.receive();
  for (let ssrc = 100; ssrc < 1_100; ssrc++) {
    made.packets.rtp(datagramOf(new Camera(), { ssrc }));
  }
  const report = { ntpTimestamp: 1n, rtpTimestamp: 0, packets: 0, octets: 0 };
  for (let ssrc = 100; ssrc < 1_100; ssrc++) {
    made.packets.rtcp(senderReport({ ...report, ssrc }));
  }
  // Of the first ones it is known whose they are.
  assertEquals(made.clocks(), 64);
});

Deno.test("Feedback of many packets in one datagram is read in part", () => {
  using made = makePath();
  const stream = made.path.addStream(VIDEO_SECTION);
  const [packet] = new Camera().frame(1);
  stream.send(packet);
  let reads = 0;
  const { update } = made.path.estimate;
  made.path.estimate.update = function (...args) {
    reads++;
    return update.apply(this, args);
  };
  // Each tells of 8191 packets in 20 bytes.
  const body = Uint8Array.of(0, 0, 0x1f, 0xff, 0, 0, 0, 0, 0x1f, 0xff, 0, 0);
  const flood = Array.from({ length: 60 }, () => [
    ...transportWideFeedback(1, 10, body),
  ]).flat();
  made.packets.rtcp(Uint8Array.from(flood));
  assert(reads > 0 && reads <= 4, `${reads} of 60`);
});

Deno.test("A flood of requests is answered within bounds", () => {
  using made = makePath();
  const stream = made.path.addStream(VIDEO_SECTION);
  const camera = new Camera();
  for (let i = 0; i < 5; i++) {
    camera.frame(1, true).forEach((each) => stream.send(each));
  }
  const numbers = made.rtp.map((datagram) =>
    parseRtp(datagram)!.sequenceNumber
  );
  for (let i = 0; i < 2_000; i++) made.packets.rtcp(nack(1, 10, numbers));
  // Once each, as no round trip has passed; perhaps one more on a slow machine.
  const { repeated, nacks } = stream.counters;
  assertEquals(nacks, 2_000);
  assertLess(repeated, 65);
});

Deno.test("A path that is closed sends nothing, and takes nothing", async () => {
  const made = makePath();
  const frames = made.receive();
  const stream = made.path.addStream(VIDEO_SECTION);
  const camera = new Camera();
  // More than may leave at once: a timer runs.
  for (const packet of camera.frame(100)) stream.send(packet);
  made.packets.rtp(datagramOf(new Camera()));
  made.path.close();
  const sent = made.rtp.length;
  for (const packet of camera.frame(1)) stream.send(packet);
  made.packets.rtp(datagramOf(new Camera(1)));
  made.packets.rtcp(nack(1, 10, [1]));
  made.path.addStream(VIDEO_SECTION);
  made.receive();
  await Promise.resolve();
  assertEquals([made.rtp.length, frames.length], [sent, 1]);
});
