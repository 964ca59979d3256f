import { assert, assertEquals, assertLess } from "@std/assert";
import type { MediaCodec, MediaFrame } from "../../lib/media/frame.ts";
import { FrameAssembler } from "../../lib/media/frame_assembler.ts";
import { parseRtp } from "../../lib/media/rtp.ts";
import { RtpWriter } from "../../lib/media/rtp_writer.ts";
import { parseVp8Payload } from "../../lib/media/vp8.ts";

const clockRateOf = (codec: MediaCodec) => codec === "opus" ? 48_000 : 90_000;

function packetsOf(codec: MediaCodec, frames: Uint8Array[]): Uint8Array[] {
  const kind = codec === "opus" ? "audio" : "video";
  const clockRate = clockRateOf(codec);
  const writer = new RtpWriter({ kind, codec, clockRate });
  return frames.flatMap((frame, i) => writer.write(frame, i / 50));
}

function assemble(codec: MediaCodec, packets: Uint8Array[]): MediaFrame[] {
  const assembler = new FrameAssembler({ codec });
  const frames = packets.flatMap((bytes) => assembler.push(parseRtp(bytes)!));
  return [...frames, ...assembler.flush()];
}

/** Bytes that are never a start code. */
function filled(length: number, ...head: number[]): Uint8Array {
  const bytes = new Uint8Array(length).map((_, i) => 1 + i % 255);
  bytes.set(head);
  return bytes;
}

function annexB(...units: Uint8Array[]): Uint8Array {
  return Uint8Array.from(units.flatMap((unit) => [0, 0, 0, 1, ...unit]));
}

const VP8_KEYFRAME = [0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 1, 0xf0, 0];

Deno.test("RtpWriter splits VP8 so that frames come out as they went in", () => {
  const frames = [
    filled(5000, ...VP8_KEYFRAME),
    filled(3, 1),
    filled(1187, 1),
    filled(1188, 1),
    filled(200_000, 1),
  ];
  const packets = packetsOf("VP8", frames);
  assertEquals(assemble("VP8", packets).map(({ data }) => data), frames);
  for (const packet of packets) assertLess(packet.length, 1201);
  // One that numbers its pictures lets nobody leave any out.
  const payloads = packets.map((p) => parseVp8Payload(parseRtp(p)!.payload)!);
  assertEquals(payloads.filter((p) => p.pictureId !== undefined), []);
});

Deno.test("RtpWriter splits H.264 so that units come out as they went in", () => {
  const sps = filled(20, 0x67, 66, 0xc0, 30);
  const pps = filled(5, 0x68);
  const frames = [
    annexB(sps, pps, filled(30_000, 0x65)),
    annexB(filled(1188, 0x41)),
    annexB(filled(1189, 0x41)),
    annexB(filled(600, 0x41), filled(600, 0x41), filled(3, 0x41)),
    annexB(filled(2, 0x41), filled(3000, 0x61), filled(2, 0x41)),
  ];
  const packets = packetsOf("H264", frames);
  assertEquals(assemble("H264", packets).map(({ data }) => data), frames);
  for (const packet of packets) assertLess(packet.length, 1201);
  // SPS and PPS travel together (STAP-A), and a receiver starts with them.
  assertEquals(parseRtp(packets[0])!.payload[0] & 0x1f, 24);
});

Deno.test("RtpWriter leaves H.264's delimiters out", () => {
  const picture = filled(50, 0x65);
  const [packet, ...rest] = packetsOf("H264", [
    annexB(filled(2, 9), picture),
  ]);
  assertEquals(rest, []);
  assertEquals(parseRtp(packet)!.payload, picture);
});

Deno.test("RtpWriter numbers and times packets, and marks a picture's last", () => {
  const packets = packetsOf("VP8", [filled(3000, 1), filled(3000, 1)])
    .map((bytes) => parseRtp(bytes)!);
  const marks = packets.map(({ marker }) => marker);
  assertEquals(marks, [false, false, true, false, false, true]);
  packets.slice(1).forEach(({ sequenceNumber }, i) => {
    assertEquals(sequenceNumber, (packets[i].sequenceNumber + 1) & 0xffff);
  });
  assertEquals((packets[5].timestamp - packets[0].timestamp) | 0, 1800);
  const sound = packetsOf("opus", [filled(100, 0xfc)]);
  assert(!parseRtp(sound[0])!.marker, "sound has no last packet");
});

Deno.test("RtpWriter's reports tell the time of what was captured then", () => {
  const track = { kind: "video", codec: "VP8", clockRate: 90_000 } as const;
  const writer = new RtpWriter(track);
  const [packet] = writer.write(filled(10, 1), 3);
  const report = writer.report(1, Date.UTC(2026, 0, 1));
  const { timestamp, ssrc } = parseRtp(packet)!;
  assertEquals((timestamp - report.rtpTimestamp) | 0, 180_000);
  assertEquals(report.ssrc, ssrc);
  // Seconds from 1900 to 2026.
  assertEquals(report.ntpTimestamp, 3_976_214_400n << 32n);
});
