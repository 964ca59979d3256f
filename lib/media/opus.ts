import type { FramePart, PayloadFormat } from "./frame.ts";

/** Rate of Opus's RTP clock and of its decoder, Hz (RFC 7587 §4.1). */
export const OPUS_SAMPLE_RATE = 48_000;

/** Longest packet, samples: 120 ms (RFC 6716 §3.2.5, requirement R5). */
const MAX_SAMPLES = 5_760;

/** Largest packet that isn't refused elsewhere, bytes (RFC 7845 §6). */
export const OPUS_MAX_PACKET_BYTES = 61_440;

/**
 * Tells how long an Opus packet lasts, from its TOC byte and, where there is
 * one, its frame count byte (RFC 6716 §3.1 and §3.2).
 *
 * @returns Samples of each channel at 48 kHz; undefined if it is no Opus packet
 * (RFC 6716 §3.4: empty, without frames, over 120 ms, or two equal frames in
 * an odd number of bytes).
 *
 * @example
 * ```ts
 * import { opusSamples } from "./opus.ts";
 *
 * // CELT fullband, 20 ms, stereo, one frame
 * console.assert(opusSamples(Uint8Array.of(0xfc, 0xff, 0xfe)) === 960);
 * ```
 */
export function opusSamples(packet: Uint8Array): number | undefined {
  if (packet.length === 0) return;
  const frames = frameCount(packet);
  const samples = frames * frameSamples(packet[0]);
  return frames > 0 && samples <= MAX_SAMPLES ? samples : undefined;
}

/**
 * Samples at 48 kHz of each frame of a packet with this TOC byte: RFC 6716
 * table 2.
 */
export function frameSamples(toc: number): number {
  const config = toc >> 3;
  if (config < 12) return [480, 960, 1920, 2880][config & 3]; // SILK
  if (config < 16) return config & 1 ? 960 : 480; // hybrid
  return 120 << (config & 3); // CELT
}

/** RFC 6716 §3.2; 0 if malformed. */
function frameCount(packet: Uint8Array): number {
  switch (packet[0] & 3) {
    case 0:
      return 1;
    case 1:
      return packet.length & 1 ? 2 : 0;
    case 2:
      return packet.length > 1 ? 2 : 0;
    default:
      return packet.length > 1 ? packet[1] & 0x3f : 0;
  }
}

function readPart(payload: Uint8Array): FramePart | undefined {
  if (payload.length > OPUS_MAX_PACKET_BYTES) return;
  if (opusSamples(payload) === undefined) return;
  return {
    data: [payload],
    begins: "certain",
    continues: false,
    open: false,
    coded: true,
    // The marker bit begins a talkspurt (RFC 7587 §4.1); each packet is whole.
    ends: true,
  };
}

/** Opus in RTP, RFC 7587: a payload is a packet. */
export const opusFormat: PayloadFormat = {
  kind: "audio",
  read: readPart,
  describe: () => ({ keyframe: true }),
};
