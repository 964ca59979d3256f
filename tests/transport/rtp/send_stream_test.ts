import { assert, assertEquals, assertLess } from "@std/assert";
import { parseRtp, type RtpPacket } from "../../../lib/media/rtp.ts";
import {
  MediaPacer,
  type PacedPacket,
  type Priority,
} from "../../../lib/transport/rtp/media_pacer.ts";
import { compactNtp, readRtcp } from "../../../lib/transport/rtp/rtcp.ts";
import { extensionOf } from "../../../lib/transport/rtp/rtp_header.ts";
import type { Section } from "../../../lib/transport/rtp/section.ts";
import {
  type SendLink,
  SendStream,
} from "../../../lib/transport/rtp/send_stream.ts";
import { VIDEO_SECTION } from "./section.ts";
import { Camera } from "./camera.ts";

/** A link whose packets are looked at, and not encrypted. */
class TestLink implements SendLink {
  readonly packets: RtpPacket[] = [];
  readonly datagrams: Uint8Array[] = [];
  readonly #pacer = new MediaPacer();
  roundTripMs = 50;
  isFree = false;
  now = 0;
  /** Bytes a millisecond. */
  rate = Infinity;
  #transportWide = 0;

  pace(packet: PacedPacket, priority: Priority): void {
    this.#pacer.push(packet, priority, this.now, this.rate);
  }

  transmit(
    make: (transportWide: number) => Uint8Array,
    payload: Uint8Array,
  ): Uint8Array {
    const datagram = Uint8Array.of(...make(this.#transportWide++), ...payload);
    this.repeat(datagram);
    return datagram;
  }

  repeat(datagram: Uint8Array): void {
    this.datagrams.push(datagram);
    this.packets.push(parseRtp(datagram)!);
  }

  drop(stream: object): number {
    return this.#pacer.drop((packet) => packet.stream === stream);
  }

  get waitMs(): number {
    return this.#pacer.bytes / this.rate;
  }

  /** Has time pass. */
  pass(ms: number): void {
    const end = this.now + ms;
    while (this.#pacer.wakeAt <= end) {
      this.now = Math.max(this.now, this.#pacer.wakeAt);
      this.#pacer.wake(this.now, this.rate);
    }
    this.now = end;
  }

  /** The numbers of all packets of an SSRC. */
  numbersOf(ssrc: number): number[] {
    return this.packets.filter((packet) => packet.ssrc === ssrc)
      .map(({ sequenceNumber }) => sequenceNumber);
  }
}

function make(section: Partial<Section> = {}) {
  const link = new TestLink();
  const stream = new SendStream({ ...VIDEO_SECTION, ...section }, link);
  return { link, stream };
}

/** A packet that any stream sends: of a keyframe of one packet. */
function packetOf(sequenceNumber: number) {
  const [packet] = new Camera(sequenceNumber & 0xffff).frame(1, true);
  return packet;
}

Deno.test("A stream has numbers of its own, with the holes of its source", () => {
  const { link, stream } = make();
  for (const number of [65_534, 65_535, 65_536, 65_539, 65_540]) {
    stream.send(packetOf(number));
  }
  const [first, ...rest] = link.numbersOf(10);
  // The first is below 2^15, so that no loss at the start hides a wrap.
  assertLess(first, 2 ** 15 + 1);
  assertEquals(rest.map((number) => number - first), [1, 2, 5, 6]);
  const [packet] = link.packets;
  assertEquals([packet.payloadType, packet.marker], [96, true]);
  assertEquals(
    link.datagrams.map((datagram) => extensionOf(datagram, 3)?.[1]),
    [0, 1, 2, 3, 4],
  );
});

Deno.test("A source that starts again or goes back only goes on", () => {
  const { link, stream } = make();
  for (const number of [100, 101, 50_000, 49_999, 49_998]) {
    stream.send(packetOf(number));
  }
  const [first, ...rest] = link.numbersOf(10);
  assertEquals(rest.map((number) => number - first), [1, 2, 3, 4]);
});

Deno.test("No hole is so long that SRTP's index is lost (RFC 3711 3.3.1)", () => {
  const { link, stream } = make();
  stream.send(packetOf(0));
  // Two holes without a packet between them that is sent.
  for (const number of [30_000, 60_000]) stream.leaveOut(packetOf(number));
  stream.send(packetOf(60_001));
  const [before, after] = link.numbersOf(10);
  const step = (after - before) & 0xffff;
  assert(step > 0 && step < 2 ** 15, `${step}`);
});

Deno.test("What is left out on purpose is no hole", () => {
  const { link, stream } = make();
  stream.send(packetOf(7));
  stream.leaveOut(packetOf(8));
  stream.leaveOut(packetOf(9));
  stream.send(packetOf(10));
  // Of these the first is lost before they get here.
  stream.leaveOut(packetOf(12));
  stream.send(packetOf(13));
  const [first, ...rest] = link.numbersOf(10);
  assertEquals(rest.map((number) => number - first), [1, 3]);
  assertEquals(stream.counters.dropped, 3);
});

Deno.test("Video begins with a keyframe", () => {
  const { link, stream } = make();
  const camera = new Camera();
  for (const packet of camera.frame(3, false)) stream.send(packet);
  assertEquals([link.packets.length, stream.counters.dropped], [0, 3]);
  for (const packet of camera.frame(3, true)) stream.send(packet);
  assertEquals(link.packets.length, 3);
});

Deno.test("A packet is sent again in one of its own (RFC 4588 section 4)", () => {
  const { link, stream } = make();
  for (let i = 0; i < 20; i++) stream.send(packetOf(i));
  const sent = link.packets.slice();
  stream.repeat([sent[4].sequenceNumber, sent[9].sequenceNumber], 100);
  const repeated = link.packets.slice(20);
  repeated.forEach((packet, i) => {
    const original = sent[[4, 9][i]];
    assertEquals([packet.ssrc, packet.payloadType], [11, 97]);
    assertEquals(packet.timestamp, original.timestamp);
    assertEquals(packet.marker, original.marker);
    const [high, low, ...payload] = packet.payload;
    assertEquals(high << 8 | low, original.sequenceNumber);
    assertEquals(payload, [...original.payload]);
  });
  const [one, other] = link.numbersOf(11);
  assertEquals(other - one, 1);
  // Numbers of the whole path go on.
  assertEquals(extensionOf(link.datagrams[21], 3)?.[1], 21);
});

Deno.test("Without RTX a packet is sent again as it was, byte for byte", () => {
  const { link, stream } = make({ rtxPayloadType: undefined });
  for (let i = 0; i < 20; i++) stream.send(packetOf(i));
  stream.repeat([link.packets[4].sequenceNumber], 100);
  assertEquals(link.datagrams[20], link.datagrams[4]);
});

Deno.test("On a free path it is sent again twice, up to a share of what is sent", () => {
  const { link, stream } = make();
  link.isFree = true;
  for (let i = 0; i < 2_000; i++) stream.send(packetOf(i));
  const numbers = link.numbersOf(10);
  stream.repeat([numbers[4]], 100);
  const copies = link.packets.filter(({ ssrc }) => ssrc === 11);
  assertEquals(copies.length, 2);
  assertEquals(copies[0].payload, copies[1].payload);
  assertEquals(copies[1].sequenceNumber, copies[0].sequenceNumber + 1);
  // Much that is lost is only sent once.
  stream.repeat(numbers.slice(10, 60), 100);
  assertLess(stream.counters.repeated, 2 + 50 + 10);
  const plain = make({ rtxPayloadType: undefined });
  plain.link.isFree = true;
  // The first of all is sent twice: nobody can tell that it is missing.
  plain.stream.send(packetOf(0));
  plain.stream.send(packetOf(1));
  assertEquals(plain.link.packets.length, 3);
  assertEquals(plain.link.datagrams[0], plain.link.datagrams[1]);
  plain.stream.repeat(plain.link.numbersOf(10).slice(2), 100);
  assertEquals(plain.link.packets.length, 4);
});

Deno.test("Where packets are lost, pictures are held back for their repair", () => {
  const { link, stream } = make({ playoutDelayId: 5 });
  const delays = () =>
    link.datagrams.splice(0).map((datagram) => {
      const value = extensionOf(datagram, 5);
      return value && 10 * (value[0] << 4 | value[1] >> 4);
    });
  stream.send(packetOf(0));
  assertEquals(delays(), [undefined]);
  const [number] = link.numbersOf(10);
  for (const now of [100, 200, 300]) stream.repeat([number], now);
  link.now = 300;
  link.datagrams.length = 0;
  stream.send(packetOf(1));
  // 1.25 times 50 ms, and 50 ms.
  assertEquals(delays(), [110]);
  // Before they came here some were repaired as well.
  stream.send({ ...packetOf(2), playoutDelayMs: 200 });
  assertEquals(delays(), [310]);
  link.now = 60_000;
  stream.send(packetOf(3));
  assertEquals(delays(), [0]);
});

Deno.test("A packet is sent again once a round trip, and the first time at once", () => {
  const { link, stream } = make();
  for (let i = 0; i < 20; i++) stream.send(packetOf(i));
  const lost = [link.packets[4].sequenceNumber];
  const times: number[] = [];
  for (let now = 0; now < 200; now += 5) {
    link.now = now;
    const before = link.datagrams.length;
    stream.repeat([...lost, ...lost], now);
    if (link.datagrams.length > before) times.push(now);
    assertLess(link.datagrams.length - before, 2);
  }
  assertEquals(times, [0, 40, 80, 120, 160]);
});

Deno.test("Requests are answered over the wrap", () => {
  const { link, stream } = make({ rtxPayloadType: undefined });
  stream.send(packetOf(0));
  const first = link.packets[0].sequenceNumber;
  let number = 0;
  // Over the first wrap, in steps that are no restart.
  for (let own = first; own < 65_530;) {
    const step = Math.min(20_000, 65_530 - own);
    own += step;
    stream.send(packetOf(number += step));
  }
  for (let i = 0; i < 10; i++) stream.send(packetOf(++number));
  assertEquals(link.packets.at(-1)?.sequenceNumber, 4);
  const before = link.packets.length;
  stream.repeat([65_534, 65_535, 0, 3], 1_000);
  const repeated = link.packets.slice(before);
  assertEquals(repeated.map((packet) => packet.sequenceNumber), [
    65_534,
    65_535,
    0,
    3,
  ]);
});

Deno.test("A flood of requests is answered up to a share of what is sent", () => {
  const { link, stream } = make();
  for (let i = 0; i < 2_000; i++) stream.send(packetOf(i));
  const numbers = link.packets.map(({ sequenceNumber }) => sequenceNumber);
  for (let now = 1_000; now < 3_000; now += 10) {
    link.now = now;
    stream.repeat(numbers, now);
  }
  assertLess(stream.counters.bytesRepeated, 64 * 1024 + 1);
  const before = stream.counters.bytesRepeated;
  for (let i = 0; i < 100; i++) stream.send(packetOf(2_000 + i));
  for (let now = 4_000; now < 6_000; now += 10) {
    link.now = now;
    stream.repeat(numbers, now);
  }
  const share = (stream.counters.bytesRepeated - before) / (100 * 1_013);
  assert(share > 0.4 && share < 0.55, `${share} of what was sent`);
});

Deno.test("What isn't there, or was never sent, isn't sent again", () => {
  const { link, stream } = make();
  stream.send(packetOf(0));
  const [{ sequenceNumber }] = link.packets;
  stream.repeat([
    sequenceNumber - 1,
    sequenceNumber + 1,
    sequenceNumber ^ 0x8000,
  ], 0);
  assertEquals(link.packets.length, 1);
  const deaf = make({ hasNack: false });
  deaf.stream.send(packetOf(0));
  deaf.stream.repeat([deaf.link.packets[0].sequenceNumber], 0);
  assertEquals(deaf.link.packets.length, 1);
});

Deno.test("Where the path takes less, video goes on with a keyframe", () => {
  const { link, stream } = make();
  let requests = 0;
  stream.onKeyframeRequest = () => requests++;
  const camera = new Camera();
  const send = (packets: number, isKeyframe = false) => {
    for (const packet of camera.frame(packets, isKeyframe)) stream.send(packet);
    link.pass(33);
  };
  link.rate = 100;
  send(5, true);
  // Twice of what the path takes.
  for (let i = 0; i < 60; i++) send(7);
  assert(requests > 0);
  assert(stream.counters.dropped > 50);
  link.rate = 1_000;
  const number = camera.frames;
  send(5, true);
  send(5);
  const last = link.packets.slice(-10);
  assertEquals(last[0].timestamp, number * 3_000);
  // No hole tells the peer of what it didn't get.
  const numbers = link.numbersOf(10);
  numbers.slice(1).forEach((each, i) =>
    assertEquals((each - numbers[i]) & 0xffff, 1)
  );
});

Deno.test("A keyframe that takes seconds is followed by others, but sent whole", () => {
  const { link, stream } = make();
  const camera = new Camera();
  link.rate = 10;
  // Ten seconds' worth, and one more each second.
  for (let i = 0; i < 300; i++) {
    const isKeyframe = i % 30 === 0;
    const packets = camera.frame(isKeyframe ? 100 : 2, isKeyframe);
    for (const packet of packets) stream.send(packet);
    link.pass(33);
    assertLess(link.waitMs, 13_000);
  }
  link.pass(60_000);
  const frames = [...Map.groupBy(link.packets, ({ timestamp }) => timestamp)]
    .map(([, { length }]) => length);
  assertEquals(
    frames.every((packets) => packets === 2 || packets === 100),
    true,
  );
  assertEquals(frames[0], 100);
});

Deno.test("A keyframe that takes longer than others may wait is sent whole", () => {
  const { link, stream } = make();
  let wanted = false;
  stream.onKeyframeRequest = () => wanted = true;
  const camera = new Camera();
  link.rate = 100;
  // A second's worth, and frames after it that the path takes.
  for (let i = 0; i < 200; i++) {
    const isKeyframe = i === 0 || wanted;
    wanted = false;
    const packets = camera.frame(isKeyframe ? 100 : 2, isKeyframe);
    for (const packet of packets) stream.send(packet);
    link.pass(33);
  }
  link.pass(5_000);
  const frames = [...Map.groupBy(link.packets, ({ timestamp }) => timestamp)]
    .map(([, packets]) => packets);
  // Each frame is there whole, or not at all.
  for (const packets of frames) assert([2, 100].includes(packets.length));
  const keyframes = frames.filter(({ length }) => length === 100);
  assert(keyframes.length > 0, "no keyframe got through");
  // And not one keyframe after the other.
  assert(frames.length - keyframes.length > 50, `${frames.length} frames`);
});

Deno.test("Reports have the source's clock, and count each packet once", () => {
  const { link, stream } = make();
  assertEquals(stream.report(0), undefined);
  for (let i = 0; i < 3; i++) stream.send(packetOf(i));
  assertEquals(stream.report(0), undefined);
  stream.synchronize({ ntpTimestamp: 1n << 32n, rtpTimestamp: 0 });
  stream.repeat([link.packets[0].sequenceNumber], 0);
  let told = {};
  readRtcp(stream.report(0)!, { senderReport: (report) => told = report });
  assertEquals(told, {
    ssrc: 10,
    ntpTimestamp: 1n << 32n,
    rtpTimestamp: 0,
    packets: 3,
    octets: 3 * 1_001,
  });
});

Deno.test("What the peer says of a report shows the round-trip time", () => {
  const { stream } = make();
  stream.synchronize({ ntpTimestamp: 0x1_2345_6789_abcdn, rtpTimestamp: 0 });
  stream.send(packetOf(0));
  let compact = 0;
  readRtcp(stream.report(1_000)!, {
    senderReport: ({ ntpTimestamp }) => compact = compactNtp(ntpTimestamp),
  });
  const block = {
    ...{ ssrc: 10, fractionLost: 0, lost: 0, highest: 0, jitter: 0 },
    lastReport: compact,
    // A quarter of a second.
    sinceLastReport: 16_384,
  };
  assertEquals(stream.takeBlock(block, 1_300), 50);
  assertEquals(stream.takeBlock({ ...block, lastReport: 7 }, 1_300), undefined);
});
