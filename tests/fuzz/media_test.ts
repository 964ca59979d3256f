import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import type { RTCDtlsTransport } from "werift";
import { createLogger } from "../../lib/log.ts";
import { FrameAssembler } from "../../lib/media/frame_assembler.ts";
import type { MediaCodec } from "../../lib/media/frame.ts";
import { KeyframeCache } from "../../lib/media/keyframe_cache.ts";
import { createFrameWriter } from "../../lib/recording/frame_writer.ts";
import { parseRtp } from "../../lib/media/rtp.ts";
import { NutError, NutReader } from "../../lib/media/nut.ts";
import { temporaryFolder } from "../support.ts";
import { makePeer } from "../transport/pair.ts";
import { attack, type Attacker, publishTo } from "./attack.ts";
import { fuzz } from "./fuzz.ts";
import { nutPieces, recordMedia, rtcpPackets } from "./media.ts";
import {
  disguise,
  feedbackPackets,
  readAllRtcp,
  readFeedback,
  takeOnPath,
} from "./rtp.ts";
import { fuzzSettings, fuzzTest } from "./settings.ts";

fuzzTest(["ffmpeg"], "media", async (t) => {
  const media = await recordMedia();
  for (const codec of Object.keys(media) as MediaCodec[]) {
    await t.step(`${codec} in the frame assembler`, async () => {
      const corpus = media[codec];
      const options = { name: codec, corpus, most: 30 };
      await fuzz(options, (packets) => assemble(codec, packets));
    });
  }
  await t.step("frames of mutated packets in files", async () => {
    await using folder = await temporaryFolder();
    for (const codec of Object.keys(media) as MediaCodec[]) {
      const corpus = media[codec];
      const name = `${codec} files`;
      const options = { name, corpus, most: 30 };
      await fuzz(options, (packets) => write(folder.path, codec, packets));
    }
  });
  await t.step("NUT, as ffmpeg writes it", async () => {
    const corpus = await nutPieces();
    const options = { name: "nut", corpus, most: 30 };
    await fuzz(options, readNut);
  });
  await t.step("RTCP", async () => {
    const corpus = [...await rtcpPackets(5), ...feedbackPackets(5)];
    await fuzz({ name: "rtcp", corpus }, ([bytes]) => {
      readAllRtcp(bytes);
    });
  });
  await t.step("transport-wide feedback", async () => {
    // After the 12 bytes that all feedback begins with.
    const corpus = feedbackPackets(5).map((packet) => packet.subarray(12));
    await fuzz({ name: "feedback", corpus }, ([bytes]) => {
      readFeedback(bytes);
    });
  });
  await t.step("RTP and RTCP on a path", async () => {
    const rtp = media.VP8.flatMap(disguise);
    const corpus = [...rtp, ...await rtcpPackets(10), ...feedbackPackets(10)];
    const options = { name: "path", corpus, most: 60 };
    await fuzz(options, takeOnPath);
  });
  await t.step("SRTP and SRTCP of a publisher", async () => {
    const { LocalHost } = await import("../../lib/hosting/local_host.ts");
    const log = createLogger({ write: () => {} });
    await using host = new LocalHost({ log });
    const corpus = [
      ...Object.values(media).flat(),
      ...Array(10).fill(await rtcpPackets(5)).flat(),
    ];
    const connect = () => mediaAttacker(host);
    let packets = 0;
    host.subscribe({
      onClosed: ({ tracks }) =>
        tracks.forEach((track) => packets += track.packets),
    });
    await attack({ name: "srtp", corpus, host, connect });
    await host.close("test over");
    const isReplay = fuzzSettings().replay !== undefined;
    assert(packets > 0 || isReplay, "none got as far as a track");
  });
}, { sanitizeOps: false, sanitizeResources: false });

/** What is no NUT is said so; what is taken for one stays within its limit. */
function readNut(pieces: Uint8Array[]): void {
  const reader = new NutReader({ packetBytes: 50_000 });
  try {
    for (const piece of pieces) {
      for (const { parts, seconds } of reader.push(piece)) {
        const bytes = parts.reduce((sum, part) => sum + part.length, 0);
        assert(bytes <= 50_000 && !Number.isNaN(seconds));
      }
    }
  } catch (error) {
    if (!(error instanceof NutError)) throw error;
  }
}

function assemble(codec: MediaCodec, packets: Uint8Array[]): void {
  const assembler = new FrameAssembler({ codec, maxFrameBytes: 50_000 });
  const cache = new KeyframeCache(codec);
  let frames = 0;
  let bytes = 0;
  const count = (data: Uint8Array) => {
    frames++;
    bytes += data.length;
    assert(data.length > 0 && data.length <= 60_000);
  };
  for (const packet of packets) {
    const parsed = parseRtp(packet);
    if (parsed === undefined) continue;
    assert(parsed.payload.length <= packet.length);
    cache.push(parsed);
    for (const { data } of assembler.push(parsed)) count(data);
  }
  for (const { data } of assembler.flush()) count(data);
  const { counters } = assembler;
  assertEquals([counters.frames, counters.bytes], [frames, bytes]);
  for (const value of Object.values(counters)) {
    assert(Number.isSafeInteger(value) && value >= 0);
  }
  assert(cache.packets.length <= packets.length);
}

async function write(
  folder: string,
  codec: MediaCodec,
  packets: Uint8Array[],
): Promise<void> {
  const assembler = new FrameAssembler({ codec });
  await using writer = createFrameWriter(`${folder}/${codec}`, codec);
  const frames = packets.flatMap((bytes) => {
    const packet = parseRtp(bytes);
    return packet === undefined ? [] : assembler.push(packet);
  });
  for (const frame of [...frames, ...assembler.flush()]) {
    await writer.write(frame);
  }
}

/** The keys of a connection, with which anything can be sent. */
interface SrtpSessions {
  srtp: { encrypt(payload: Buffer, header: unknown): Buffer };
  srtcp: { encrypt(packet: Buffer): Buffer };
}

/** A publisher that sends under its own keys what it likes. */
async function mediaAttacker(
  host: import("../../lib/hosting/session_host.ts").SessionHost,
): Promise<Attacker> {
  const { RtpHeader } = await import("werift");
  const made = await makePeer();
  const { peer } = made;
  const kinds = ["video", "audio"] as const;
  const senders = kinds.map((kind) =>
    peer.addTransceiver(kind, { direction: "sendonly" }).sender
  );
  const id = await publishTo(host, peer);
  const [transport] = peer.dtlsTransports;
  const { srtp, srtcp } = transport as RTCDtlsTransport & SrtpSessions;
  const { connection } = transport.iceTransport;
  const types = peer.getTransceivers().map((each) => each.codecs[0]);
  let isAlive = true;
  host.subscribe({ onClosed: (session) => isAlive &&= session.id !== id });
  let count = 0;
  return {
    isAlive: () => isAlive,
    async send(message) {
      const bytes = Buffer.from(message);
      if (bytes.length >= 2 && bytes[1] >= 200 && bytes[1] <= 207) {
        if (bytes.length < 8) return;
        await connection.send(srtcp.encrypt(bytes));
        return;
      }
      const packet = parseRtp(message);
      if (packet === undefined) return;
      // Mostly of a track that it has, so that it gets as far as can be.
      const track = count++ % 2;
      const header = new RtpHeader({
        version: 2,
        marker: packet.marker,
        sequenceNumber: packet.sequenceNumber,
        timestamp: packet.timestamp,
        ssrc: count % 10 === 0 ? packet.ssrc : senders[track].ssrc,
        payloadType: count % 7 === 0
          ? packet.payloadType
          : types[track].payloadType,
        extension: count % 3 === 0,
        extensionProfile: count % 6 === 0 ? 0xbede : 0x1000,
        extensions: count % 3 === 0
          ? [{
            id: 1 + count % 14,
            payload: Buffer.from([7, ...packet.payload.subarray(0, 9)]),
          }]
          : [],
      });
      const sealed = srtp.encrypt(Buffer.from(packet.payload), header);
      await connection.send(sealed);
    },
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}
