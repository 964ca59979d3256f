import { createSocket } from "node:dgram";
import { assert, assertEquals } from "@std/assert";
import { testWith } from "../support.ts";
import {
  FrameAssembler,
  type FrameAssemblerOptions,
  type RtpPacketView,
} from "../../lib/media/frame_assembler.ts";
import type { MediaCodec, MediaFrame } from "../../lib/media/frame.ts";
import { createFrameWriter } from "../../lib/recording/frame_writer.ts";
import { parseRtp } from "../../lib/media/rtp.ts";

// Hand-made streams

/** A packet of a VP8 stream: S tells that a frame starts, M that it ends. */
function vp8(
  sequenceNumber: number,
  timestamp: number,
  flags: string,
  ...data: number[]
): RtpPacketView {
  const start = flags.includes("S");
  return {
    sequenceNumber: sequenceNumber & 0xffff,
    timestamp,
    marker: flags.includes("M"),
    // An inter frame: 1 in the first bit of its 3 bytes of tag.
    payload: start
      ? Uint8Array.of(0x10, 1, 0, 0, ...data)
      : Uint8Array.of(0x00, ...data),
  };
}

const KEYFRAME = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 1, 0xf0, 0];

function probe(sequenceNumber: number, timestamp: number): RtpPacketView {
  const payload = new Uint8Array(0);
  return { sequenceNumber, timestamp, marker: false, payload };
}

function h264(
  sequenceNumber: number,
  timestamp: number,
  marker: boolean,
  ...payload: number[]
): RtpPacketView {
  return {
    sequenceNumber,
    timestamp,
    marker,
    payload: Uint8Array.from(payload),
  };
}

function opus(sequenceNumber: number): RtpPacketView {
  const timestamp = 960 * sequenceNumber;
  const payload = Uint8Array.of(0xfc, sequenceNumber >> 8, sequenceNumber);
  return {
    sequenceNumber: sequenceNumber & 0xffff,
    timestamp,
    marker: false,
    payload,
  };
}

function assemble(options: FrameAssemblerOptions, packets: RtpPacketView[]) {
  const assembler = new FrameAssembler(options);
  const pushed = packets.map((packet) => assembler.push(packet));
  const flushed = assembler.flush();
  const frames = [...pushed.flat(), ...flushed];
  return { pushed, flushed, frames, counters: assembler.counters };
}

const timestamps = (frames: MediaFrame[]) => frames.map((f) => f.timestamp);

Deno.test("FrameAssembler ends a frame at the marker, without waiting for more", () => {
  const { pushed, counters } = assemble({ codec: "VP8" }, [
    vp8(0, 90, "S", 7),
    vp8(1, 90, "", 8),
    vp8(2, 90, "M", 9),
    vp8(3, 180, "SM"),
  ]);
  assertEquals(pushed.map((frames) => frames.length), [0, 0, 1, 1]);
  assertEquals(pushed[2], [{
    kind: "video",
    codec: "VP8",
    timestamp: 90,
    data: Uint8Array.of(1, 0, 0, 7, 8, 9),
    keyframe: false,
    discontinuity: false,
  }]);
  assertEquals(counters, {
    packets: 4,
    frames: 2,
    keyframes: 0,
    bytes: 9,
    packetsLost: 0,
    duplicates: 0,
    invalid: 0,
    framesDropped: 0,
  });
});

Deno.test("FrameAssembler gives each frame a buffer of its own", () => {
  const { frames } = assemble({ codec: "opus" }, [opus(1)]);
  assertEquals(frames[0].data.buffer.byteLength, 3);
});

Deno.test("FrameAssembler ends a frame where the timestamp changes", () => {
  const { pushed, flushed } = assemble({ codec: "VP8" }, [
    vp8(0, 90, "S"),
    vp8(1, 90, "", 8),
    vp8(2, 180, "S"),
    vp8(3, 270, "S"),
  ]);
  assertEquals(pushed.map(timestamps), [[], [], [90], [180]]);
  assertEquals(timestamps(flushed), [270]);
});

Deno.test("FrameAssembler ends a VP8 frame where another starts", () => {
  const packets = [vp8(0, 90, "S"), vp8(1, 90, "S", 1), vp8(2, 90, "M", 2)];
  const { frames } = assemble({ codec: "VP8" }, packets);
  assertEquals(frames.map(({ data }) => data.length), [3, 5]);
});

Deno.test("FrameAssembler flushes no frame without its marker where others had one", () => {
  const packets = [vp8(0, 90, "SM"), vp8(1, 180, "S")];
  const { frames, counters } = assemble({ codec: "VP8" }, packets);
  assertEquals(timestamps(frames), [90]);
  assertEquals(counters.framesDropped, 1);
});

Deno.test("FrameAssembler goes on after flush()", () => {
  const assembler = new FrameAssembler({ codec: "VP8" });
  assembler.push(vp8(0, 90, "S"));
  assertEquals(timestamps(assembler.flush()), [90]);
  assertEquals(assembler.flush(), []);
  assertEquals(assembler.push(vp8(1, 90, "", 1)), []);
  const [frame] = assembler.push(vp8(2, 180, "SM"));
  assertEquals([frame.timestamp, frame.discontinuity], [180, true]);
});

Deno.test("FrameAssembler carries a keyframe's size on to the frames after it", () => {
  const payload = Uint8Array.of(0x10, ...KEYFRAME);
  const { frames, counters } = assemble({ codec: "VP8" }, [
    vp8(0, 0, "SM"),
    { ...vp8(1, 90, "SM"), payload },
    vp8(2, 180, "SM"),
  ]);
  assertEquals(
    frames.map((frame) => [frame.keyframe, frame.width, frame.height]),
    [[false, undefined, undefined], [true, 320, 240], [false, 320, 240]],
  );
  assertEquals(
    [counters.keyframes, counters.width, counters.height],
    [1, 320, 240],
  );
});

Deno.test("FrameAssembler leaves out a frame whose beginning it didn't see", () => {
  const { frames, counters } = assemble({ codec: "VP8" }, [
    vp8(10, 90, "", 1),
    vp8(11, 90, "M", 2),
    vp8(12, 180, "SM"),
  ]);
  assertEquals(
    frames.map((frame) => [frame.timestamp, frame.discontinuity]),
    [[180, false]],
  );
  assertEquals([counters.framesDropped, counters.packetsLost], [0, 0]);
});

Deno.test("FrameAssembler joins a stream whose first packets come in another order", () => {
  const { pushed, counters } = assemble({ codec: "VP8" }, [
    vp8(12, 90, "", 2),
    vp8(13, 90, "M", 3),
    vp8(11, 90, "", 1),
    vp8(10, 90, "S"),
  ]);
  assertEquals(pushed[3][0].data, Uint8Array.of(1, 0, 0, 1, 2, 3));
  assertEquals([counters.packetsLost, counters.duplicates], [0, 0]);
});

Deno.test("FrameAssembler joins an H.264 stream that never tells where a frame begins", () => {
  const packets = Array.from(
    { length: 80 },
    (_, i) => h264(i, Math.floor(i / 2) * 90, i % 2 === 1, 0x41, i),
  );
  const { frames, counters } = assemble({ codec: "H264" }, packets);
  // The first is left out: there may have been something before it.
  assertEquals(frames.length, 39);
  assertEquals([counters.packetsLost, counters.framesDropped], [0, 0]);
});

Deno.test("FrameAssembler follows sequence numbers and timestamps that wrap", () => {
  const packets = Array.from({ length: 70_000 }, (_, i) => {
    const packet = opus(i & 0xffff);
    return { ...packet, timestamp: (0xffff0000 + 960 * i) >>> 0 };
  });
  const { frames, counters } = assemble({ codec: "opus" }, packets);
  assertEquals([frames.length, counters.packetsLost], [70_000, 0]);
  assertEquals(frames[69].timestamp, 704);
});

Deno.test("FrameAssembler puts packets in order across the wrap", () => {
  const packets = [65533, 65535, 65534, 65537, 65536].map(opus);
  const { frames } = assemble({ codec: "opus" }, packets);
  assertEquals(
    frames.map(({ data }) => data[1] << 8 | data[2]),
    [65533, 65534, 65535, 0, 1],
  );
});

Deno.test("FrameAssembler ignores duplicates, early and late", () => {
  const packets = [0, 0, 2, 2, 1, 1, 0, 3].map(opus);
  const { frames, counters } = assemble({ codec: "opus" }, packets);
  assertEquals(frames.map(({ data }) => data[2]), [0, 1, 2, 3]);
  assertEquals([counters.duplicates, counters.packetsLost], [4, 0]);
});

Deno.test("FrameAssembler waits for a missing packet, but not for long", () => {
  const packets = [0, 2, 3, 4, 5].map(opus);
  const { pushed, counters } = assemble(
    { codec: "opus", maxReorder: 3 },
    packets,
  );
  assertEquals(pushed.map((frames) => frames.length), [1, 0, 0, 0, 4]);
  assertEquals(
    pushed[4].map(({ discontinuity }) => discontinuity),
    [true, false, false, false],
  );
  assertEquals(counters.packetsLost, 1);
});

Deno.test("FrameAssembler waits for nothing with a maxReorder of 0", () => {
  const { pushed, counters } = assemble(
    { codec: "opus", maxReorder: 0 },
    [5, 7, 6, 8].map(opus),
  );
  assertEquals(pushed.map((frames) => frames.length), [1, 1, 0, 1]);
  assertEquals(
    [counters.packetsLost, counters.duplicates, counters.invalid],
    [1, 0, 0],
  );
});

Deno.test("FrameAssembler gives up only what is older than the window", () => {
  const packets = [0, 60, 66, 3, 4, 2].map(opus);
  const { frames, counters } = assemble(
    { codec: "opus", maxReorder: 64 },
    packets,
  );
  assertEquals(frames.map(({ data }) => data[2]), [0, 2, 3, 4, 60, 66]);
  assertEquals(counters.packetsLost, 1 + 55 + 5);
});

Deno.test("FrameAssembler drops the frames that a hole touches", () => {
  const { frames, counters } = assemble({ codec: "VP8", maxReorder: 1 }, [
    vp8(0, 90, "S"),
    vp8(1, 90, "M", 1),
    vp8(2, 180, "S"),
    // 3, within a frame
    vp8(4, 180, "M", 2),
    vp8(5, 270, "SM"),
    // 6 and 7: the end of a frame and the start of the next
    vp8(8, 450, "M", 3),
    vp8(9, 540, "SM"),
    vp8(10, 630, "SM"),
  ]);
  assertEquals(
    frames.map((frame) => [frame.timestamp, frame.discontinuity]),
    [[90, false], [270, true], [540, true], [630, false]],
  );
  assertEquals([counters.packetsLost, counters.framesDropped], [3, 2]);
});

Deno.test("FrameAssembler drops a frame without a marker before a hole", () => {
  const packets = [vp8(0, 90, "S"), vp8(2, 180, "SM")];
  const { frames } = assemble({ codec: "VP8", maxReorder: 0 }, packets);
  assertEquals(timestamps(frames), [180]);
});

Deno.test("FrameAssembler takes probes for nothing but a sequence number", () => {
  const { frames, counters } = assemble({ codec: "VP8" }, [
    probe(0, 5),
    vp8(1, 90, "S"),
    probe(2, 90),
    vp8(3, 90, "M", 1),
    probe(4, 90),
    probe(5, 91),
    vp8(6, 180, "SM"),
  ]);
  assertEquals(
    frames.map((frame) => [frame.timestamp, frame.discontinuity]),
    [[90, false], [180, false]],
  );
  assertEquals(
    [counters.packetsLost, counters.invalid, counters.framesDropped],
    [0, 0, 0],
  );
});

Deno.test("FrameAssembler starts again with a sender that did, counting nothing as lost", () => {
  for (const start of [20_000, 40_000, 60_000]) {
    const old = Array.from({ length: 20 }, (_, i) => opus(30_000 + i));
    const fresh = Array.from({ length: 20 }, (_, i) => opus(start + i));
    for (const maxReorder of [0, 1, 16]) {
      const { frames, counters } = assemble(
        { codec: "opus", maxReorder },
        [...old, ...fresh],
      );
      assertEquals(frames.length, 40);
      assertEquals(frames.map((f) => f.discontinuity).indexOf(true), 20);
      assertEquals(
        [counters.packetsLost, counters.duplicates, counters.invalid],
        [0, 0, 0],
      );
    }
  }
});

Deno.test("FrameAssembler starts again with sequence numbers a little lower, by their timestamps", () => {
  const old = Array.from({ length: 20 }, (_, i) => opus(500 + i));
  const fresh = Array.from({ length: 20 }, (_, i) => ({
    ...opus(450 + i),
    timestamp: 3_000_000_000 + 960 * i,
  }));
  const { frames } = assemble({ codec: "opus" }, [...old, ...fresh]);
  assertEquals(frames.length, 40);
});

Deno.test("FrameAssembler takes nothing for a duplicate of what came before a new start", () => {
  const old = Array.from({ length: 20 }, (_, i) => opus(500 + i));
  const fresh = Array.from({ length: 60 }, (_, i) => ({
    ...opus(450 + i),
    timestamp: 3_000_000_000 + 960 * i,
  }));
  const [late] = fresh.splice(55, 1);
  const { frames, counters } = assemble(
    { codec: "opus", maxReorder: 1 },
    [...old, ...fresh, late],
  );
  assertEquals(frames.length, 79);
  assertEquals([counters.packetsLost, counters.duplicates], [1, 0]);
});

Deno.test("FrameAssembler starts again though the first packets of a new start change places", () => {
  const packets = [100, 101, 30_001, 30_000, 30_002, 30_003].map(opus);
  const { frames, counters } = assemble({ codec: "opus" }, packets);
  assertEquals([frames.length, counters.packetsLost], [6, 0]);
});

Deno.test("FrameAssembler drops the open frame when its sender starts again", () => {
  for (const timestamp of [90, 180]) {
    const { frames, counters } = assemble({ codec: "VP8" }, [
      vp8(0, 90, "S"),
      vp8(30_000, 90, "", 1),
      vp8(30_001, 90, "M", 2),
      vp8(30_002, timestamp, "SM"),
    ]);
    assertEquals(timestamps(frames), [timestamp]);
    assertEquals(counters.framesDropped, 1);
  }
});

Deno.test("FrameAssembler takes a new start's first frame though its timestamp is the last one's", () => {
  const { frames } = assemble({ codec: "VP8" }, [
    vp8(0, 90, "S"),
    vp8(30_000, 90, "S", 1),
    vp8(30_001, 90, "M", 2),
  ]);
  assertEquals(frames.map(({ data }) => [...data]), [[1, 0, 0, 1, 2]]);
});

Deno.test("FrameAssembler ignores single packets that fit to nothing", () => {
  const packets = [0, 1, 30_000, 2, 30_001, 3, 50_000, 20_000, 4].map(opus);
  const { frames, counters } = assemble({ codec: "opus" }, packets);
  assertEquals(frames.map(({ data }) => data[2]), [0, 1, 2, 3, 4]);
  assertEquals([counters.invalid, counters.packetsLost], [4, 0]);
});

Deno.test("FrameAssembler counts a long hole at once", () => {
  const { frames, counters } = assemble(
    { codec: "opus" },
    [0, 2_900, 2_901].map(opus),
  );
  assertEquals([frames.length, counters.packetsLost], [3, 2_899]);
});

Deno.test("FrameAssembler drops frames over maxFrameBytes and goes on", () => {
  const body = Array(60).fill(1);
  const packets = [
    vp8(0, 90, "S", ...body),
    vp8(1, 90, "", ...body),
    vp8(2, 90, "", ...body),
    vp8(3, 90, "M", ...body),
    vp8(4, 180, "S", ...body),
    vp8(5, 180, "M", ...body.slice(0, 37)),
  ];
  const { frames, counters } = assemble(
    { codec: "VP8", maxFrameBytes: 100 },
    packets,
  );
  assertEquals(
    frames.map(({ data, discontinuity }) => [data.length, discontinuity]),
    [[100, true]],
  );
  assertEquals(counters.framesDropped, 1);
});

Deno.test("FrameAssembler keeps no more packets than a frame can need", () => {
  const packets = Array.from({ length: 500 }, (_, i) => vp8(i, 90, "", 1));
  packets[0] = vp8(0, 90, "S");
  const { frames, counters } = assemble(
    { codec: "VP8", maxFrameBytes: 10_000 },
    packets,
  );
  assertEquals([frames.length, counters.framesDropped], [0, 1]);
});

Deno.test("FrameAssembler counts malformed payloads and drops their frames", () => {
  const { frames, counters } = assemble({ codec: "VP8" }, [
    vp8(0, 90, "SM"),
    vp8(1, 180, "S"),
    { ...vp8(2, 180, "M"), payload: Uint8Array.of(0x80) },
    vp8(3, 270, "SM"),
    { ...vp8(4, 360, "M"), payload: Uint8Array.of(0x10, 0, 0, 0) },
    vp8(5, 450, "SM"),
  ]);
  assertEquals(
    frames.map((frame) => [frame.timestamp, frame.discontinuity]),
    [[90, false], [270, true], [450, true]],
  );
  assertEquals([counters.invalid, counters.framesDropped], [2, 2]);
});

Deno.test("FrameAssembler puts fragments of H.264 together only in their order", () => {
  const { frames, counters } = assemble({ codec: "H264" }, [
    h264(0, 90, false, 0x67, 1),
    h264(1, 90, false, 0x7c, 0x85, 1),
    h264(2, 90, false, 0x7c, 0x05, 2),
    h264(3, 90, true, 0x7c, 0x45, 3),
    h264(4, 180, true, 0x7c, 0x45, 4), // no start
    h264(5, 270, false, 0x7c, 0x81, 5),
    h264(6, 270, true, 0x41, 6), // before the end
    h264(7, 360, true, 0x7c, 0x81, 7), // no end
    h264(8, 450, true, 0x41, 8),
  ]);
  assertEquals(timestamps(frames), [90, 450]);
  assertEquals(
    [...frames[0].data],
    [0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x65, 1, 2, 3],
  );
  assertEquals([counters.invalid, counters.framesDropped], [2, 3]);
});

Deno.test("FrameAssembler puts parameter sets of their own before the picture that follows", () => {
  const { frames } = assemble({ codec: "H264" }, [
    h264(0, 90, true, 0x67, 1),
    h264(1, 91, true, 0x68, 1),
    h264(2, 180, true, 0x65, 1),
    h264(3, 270, true, 0x41, 1),
  ]);
  assertEquals(
    frames.map(({ timestamp, keyframe, data }) => [
      ...[timestamp, keyframe, data.length],
    ]),
    [[180, true, 18], [270, false, 6]],
  );
});

Deno.test("FrameAssembler takes no H.264 frame after a hole that may lack its beginning", () => {
  const stream = (first: number[]) =>
    assemble({ codec: "H264", maxReorder: 0 }, [
      h264(0, 90, false, ...first),
      h264(1, 90, true, 0x65, 1),
      h264(3, 180, true, 0x41, 2), // a slice: there may be one before it
      h264(4, 270, true, 0x41, 3),
      h264(6, 360, false, 0x67, 1),
      h264(7, 360, true, 0x65, 4),
    ]).frames;
  assertEquals(timestamps(stream([0x67, 1])), [90, 270, 360]);
  // With delimiters, a parameter set alone is no beginning.
  assertEquals(timestamps(stream([0x09, 0xf0])), [90, 270]);
});

Deno.test("FrameAssembler throws nothing and keeps to its limits whatever it gets", () => {
  const random = randomNumbers(42);
  for (const codec of ["VP8", "H264", "opus"] as const) {
    const assembler = new FrameAssembler({ codec, maxFrameBytes: 2_000 });
    let sequenceNumber = 0;
    let timestamp = 0;
    for (let i = 0; i < 100_000; i++) {
      const wild = random() < 0.1;
      const step = Math.floor(random() * (wild ? 65_536 : 3));
      sequenceNumber = (sequenceNumber + step) & 0xffff;
      if (random() < 0.3) timestamp = Math.floor(random() * 2 ** 32);
      const payload = new Uint8Array(Math.floor(random() * 60));
      for (let at = 0; at < payload.length; at++) payload[at] = random() * 256;
      const marker = random() < 0.3;
      const frames = assembler.push({
        ...{ sequenceNumber, timestamp, marker, payload },
      });
      for (const { data } of frames) assert(data.length <= 2_000);
    }
    assembler.flush();
    const { packets, frames, invalid, framesDropped } = assembler.counters;
    assertEquals(packets, 100_000);
    assert(frames > 0 && invalid > 0 && framesDropped > 0, codec);
  }
});

Deno.test("FrameAssembler throws nothing on random payloads in order", () => {
  const random = randomNumbers(7);
  for (const codec of ["VP8", "H264", "opus"] as const) {
    const assembler = new FrameAssembler({ codec });
    for (let i = 0; i < 100_000; i++) {
      const payload = new Uint8Array(1 + Math.floor(random() * 40));
      for (let at = 0; at < payload.length; at++) payload[at] = random() * 256;
      assembler.push({
        sequenceNumber: i & 0xffff,
        timestamp: Math.floor(i / 3) * 3000,
        marker: i % 3 === 2,
        payload,
      });
    }
    assert(assembler.counters.frames > 0, codec);
    assertEquals(assembler.counters.packetsLost, 0);
  }
});

// Real streams

interface Stream {
  codec: MediaCodec;
  /** The encoder's options. */
  encoder: string[];
  /** Options of ffmpeg's RTP muxer. */
  muxer: string;
  /** Format of the file that ffmpeg writes beside. */
  reference: string;
  /** Largest packet, bytes. */
  packetSize: number;
  /** Which payloads it is to have, by their first byte's low 5 bits. */
  types?: number[];
}

const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0"];

const STREAMS: Record<string, Stream> = {
  "VP8": {
    codec: "VP8",
    encoder: ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"],
    muxer: "seq=65500",
    reference: "ivf",
    packetSize: 1200,
  },
  "H.264 in STAP-A and FU-A": {
    codec: "H264",
    encoder: X264,
    muxer: "seq=65500",
    reference: "h264",
    packetSize: 1200,
    types: [24, 28],
  },
  "H.264 in many FU-A": {
    codec: "H264",
    encoder: [...X264, "-x264-params", "aud=1"],
    muxer: "seq=65000",
    reference: "h264",
    packetSize: 200,
    types: [28],
  },
  "H.264 in single NAL units": {
    codec: "H264",
    encoder: [...X264, "-x264-params", "slice-max-size=900"],
    muxer: "rtpflags=h264_mode0+send_bye:seq=0",
    reference: "h264",
    packetSize: 1200,
    types: [1, 5, 7, 8],
  },
  "Opus": {
    codec: "opus",
    encoder: ["-c:a", "libopus", "-b:a", "96k"],
    muxer: "seq=65500",
    reference: "ogg",
    packetSize: 1200,
  },
};

const VIDEO_FRAMES = 60;
const WIDTH = 322;
const HEIGHT = 242;

/** RTCP packet types: RFC 3550 §12.1, told apart from RTP as in RFC 5761 §4. */
const RTCP_FIRST = 200;
const RTCP_LAST = 204;
const RTCP_BYE = 203;

/** Whether one of the packets in an RTCP datagram is of this type. */
function hasRtcpType(datagram: Uint8Array, type: number): boolean {
  for (let at = 0; at + 4 <= datagram.length;) {
    if (datagram[at + 1] === type) return true;
    at += 4 * (1 + (datagram[at + 2] << 8 | datagram[at + 3]));
  }
  return false;
}

interface Capture {
  packets: RtpPacketView[];
  /** The file that ffmpeg wrote of the same encoded frames. */
  reference: string;
}

/**
 * Encodes two seconds, sends them to a socket in RTP, and collects what comes.
 */
async function capture(stream: Stream, path: string): Promise<Capture> {
  const socket = createSocket("udp4");
  const packets: RtpPacketView[] = [];
  const finished = Promise.withResolvers<void>();
  socket.on("message", (message) => {
    const datagram = new Uint8Array(message);
    if (datagram[1] >= RTCP_FIRST && datagram[1] <= RTCP_LAST) {
      if (hasRtcpType(datagram, RTCP_BYE)) finished.resolve();
      return;
    }
    const packet = parseRtp(datagram);
    if (packet) packets.push(packet);
  });
  await new Promise<void>((resolve) =>
    socket.bind(0, "127.0.0.1", () => resolve())
  );
  const { port } = socket.address();
  const reference = `${path}.${stream.reference}`;
  const muxer = stream.muxer.includes("rtpflags")
    ? stream.muxer
    : `rtpflags=send_bye:${stream.muxer}`;
  const url =
    `rtp://127.0.0.1:${port}?rtcpport=${port}&pkt_size=${stream.packetSize}`;
  const source = stream.codec === "opus"
    ? "sine=duration=2"
    : `testsrc=size=${WIDTH}x${HEIGHT}:rate=30:duration=2`;
  try {
    const [{ code, stderr }] = await Promise.all([
      new Deno.Command("ffmpeg", {
        args: [
          ...[
            "-v",
            "error",
            "-y",
            "-readrate",
            "4",
            "-f",
            "lavfi",
            "-i",
            source,
          ],
          ...stream.encoder,
          ...["-g", "20", "-pix_fmt", "yuv420p", "-map", "0", "-f", "tee"],
          `[f=rtp:${muxer}]${url}|[f=${stream.reference}]${reference}`,
        ],
      }).output().then((output) => {
        if (output.code !== 0) finished.resolve();
        return output;
      }),
      finished.promise,
    ]);
    assertEquals(code, 0, new TextDecoder().decode(stderr));
  } finally {
    socket.close();
  }
  return { packets, reference };
}

/** Captures a stream whole: a busy machine can make the kernel drop some. */
async function captureWhole(stream: Stream, path: string): Promise<Capture> {
  for (let attempt = 1;; attempt++) {
    const captured = await capture(stream, path);
    const { packets } = captured;
    const whole = packets.every((packet, i) =>
      packet.sequenceNumber === ((packets[0].sequenceNumber + i) & 0xffff)
    );
    if (whole) return captured;
    assert(attempt < 3, "packets were lost three times on loopback");
  }
}

/** Hashes the frames of a file, decoded or, with -c copy, as encoded. */
async function hashFrames(path: string, ...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-v", "warning", "-i", path, ...args, "-f", "framehash", "-"],
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""], path);
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split(",")[5].trim());
}

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
function randomNumbers(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let value = Math.imul(seed ^ seed >>> 15, seed | 1);
    value ^= value + Math.imul(value ^ value >>> 7, value | 61);
    return ((value ^ value >>> 14) >>> 0) / 2 ** 32;
  };
}

/** Moves packets up to `window` places back, and has some come twice. */
function disturb(
  packets: RtpPacketView[],
  window: number,
  random: () => number,
): RtpPacketView[] {
  const arrivals = packets.map((packet, i) => ({
    packet,
    // What joined the stream is what came first.
    at: i && i + random() * window,
  }));
  const twice = arrivals.filter(() => random() < 0.2)
    .map(({ packet, at }) => ({ packet, at: at + random() * 300 }));
  return [...arrivals, ...twice].sort((a, b) => a.at - b.at)
    .map(({ packet }) => packet);
}

async function testStream(
  t: Deno.TestContext,
  stream: Stream,
  { packets, reference }: Capture,
) {
  const { codec } = stream;
  const lossless = assemble({ codec }, packets);
  await t.step("has the payloads it was made for", () => {
    const types = new Set(packets.map(({ payload }) => payload[0] & 0x1f));
    for (const type of stream.types ?? []) assert(types.has(type), `${type}`);
  });
  await t.step("gives out every frame", () => checkLossless(stream, lossless));
  await t.step(
    "is decoded without an error as what was encoded",
    () => checkRecording(codec, lossless.frames, reference),
  );
  await t.step(
    "is the same out of order and with duplicates",
    () => checkReordered(codec, packets, lossless.frames),
  );
  await t.step(
    "gives out only whole frames when packets are lost",
    () => checkLosses(codec, packets, lossless.frames),
  );
  await t.step(
    "is the same without markers",
    () => checkWithoutMarkers(codec, packets, lossless.frames),
  );
}

function checkLossless(stream: Stream, result: ReturnType<typeof assemble>) {
  const { frames, flushed, counters } = result;
  assertEquals(flushed, []);
  assertEquals(
    [
      counters.packetsLost,
      counters.duplicates,
      counters.invalid,
      counters.framesDropped,
    ],
    [0, 0, 0, 0],
  );
  assert(frames.every(({ discontinuity }) => !discontinuity));
  if (stream.codec === "opus") return;
  assertEquals(frames.length, VIDEO_FRAMES);
  assert(counters.keyframes >= 3 && frames[0].keyframe);
  for (const { width, height } of frames) {
    assertEquals([width, height], [WIDTH, HEIGHT]);
  }
}

async function checkRecording(
  codec: MediaCodec,
  frames: MediaFrame[],
  reference: string,
) {
  const writer = createFrameWriter(`${reference}.recorded`, codec);
  for (const frame of frames) writer.write(frame);
  await writer.close();
  const [ours, theirs] = await Promise.all([
    hashFrames(writer.path),
    hashFrames(reference),
  ]);
  assertEquals(ours.length, frames.length);
  if (codec !== "opus") return assertEquals(ours, theirs);
  // The reference has its encoder's pre-skip: only packets can be compared.
  assertEquals(
    await hashFrames(writer.path, "-c", "copy"),
    await hashFrames(reference, "-c", "copy"),
  );
}

function checkReordered(
  codec: MediaCodec,
  packets: RtpPacketView[],
  expected: MediaFrame[],
) {
  for (let seed = 1; seed <= 20; seed++) {
    const arrivals = disturb(packets, 30, randomNumbers(seed));
    const { frames, counters } = assemble({ codec, maxReorder: 30 }, arrivals);
    assertEquals(frames, expected);
    assertEquals(
      [counters.packetsLost, counters.duplicates, counters.invalid],
      [0, arrivals.length - packets.length, 0],
    );
  }
}

function checkLosses(
  codec: MediaCodec,
  packets: RtpPacketView[],
  expected: MediaFrame[],
) {
  const positions = new Map(expected.map((f, i) => [f.timestamp, i]));
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomNumbers(seed);
    const rate = seed % 2 ? 0.02 : 0.3;
    // The last one stays, to show that others are missing before it.
    const kept = packets.filter((_, i) =>
      i === 0 || i === packets.length - 1 || random() >= rate
    );
    const arrivals = disturb(kept, 10, random);
    const { frames, counters } = assemble({ codec }, arrivals);
    assertEquals(counters.packetsLost, packets.length - kept.length);
    assertEquals(counters.invalid, 0);
    let previous = -1;
    for (const frame of frames) {
      const position = positions.get(frame.timestamp);
      assert(position !== undefined && position > previous);
      assertEquals(frame.data, expected[position].data);
      assertEquals(frame.discontinuity, position !== previous + 1);
      previous = position;
    }
    const whole = wholeTimestamps(packets, kept);
    if (codec === "H264") assert(frames.length <= whole.length);
    else assertEquals(timestamps(frames), whole);
  }
}

/** The timestamps of which every packet was kept. */
function wholeTimestamps(
  packets: RtpPacketView[],
  kept: RtpPacketView[],
): number[] {
  const there = new Set(kept);
  const broken = new Set(
    packets.filter((packet) => !there.has(packet)).map((p) => p.timestamp),
  );
  return [...new Set(packets.map((packet) => packet.timestamp))]
    .filter((timestamp) => !broken.has(timestamp));
}

function checkWithoutMarkers(
  codec: MediaCodec,
  packets: RtpPacketView[],
  expected: MediaFrame[],
) {
  const unmarked = packets.map((packet) => ({ ...packet, marker: false }));
  assertEquals(assemble({ codec }, unmarked).frames, expected);
}

testWith(["ffmpeg"], "FrameAssembler on streams of ffmpeg", async (t) => {
  const directory = await Deno.makeTempDir();
  try {
    const captures = await Promise.all(
      Object.entries(STREAMS).map(async ([name, stream], i) => {
        const path = `${directory}/${i}`;
        return { name, stream, capture: await captureWhole(stream, path) };
      }),
    );
    for (const { name, stream, capture } of captures) {
      await t.step(name, (t) => testStream(t, stream, capture));
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
