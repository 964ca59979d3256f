import { packetizeAv1 } from "./av1_packets.ts";
import { evenParts } from "./even_parts.ts";
import type { MediaCodec } from "./frame.ts";
import { packetizeH264, packetizeH265 } from "./nal_packets.ts";
import { parseVp9Header } from "./vp9.ts";

/**
 * Splits a whole frame into the payloads of RTP packets, none longer than
 * `most` bytes: VP8 by RFC 7741, VP9 by RFC 9628, H.264 by RFC 6184 in mode 1,
 * H.265 by RFC 7798, AV1 as the Alliance for Open Media has it, Opus as it is
 * (RFC 7587).
 *
 * VP8 and VP9 have no picture ids: whoever leaves out frames that no other
 * needs would have to write them anew, or they would be waited for.
 *
 * @param frame as {@linkcode MediaFrame} has it; of VP9 one without spatial
 * layers.
 */
export function packetize(
  codec: MediaCodec,
  frame: Uint8Array,
  most: number,
): Uint8Array[] {
  switch (codec) {
    case "VP8":
      return packetizeVp8(frame, most);
    case "VP9":
      return packetizeVp9(frame, most);
    case "H264":
      return packetizeH264(frame, most);
    case "H265":
      return packetizeH265(frame, most);
    case "AV1":
      return packetizeAv1(frame, most);
    case "opus":
      return [frame];
  }
}

function packetizeVp8(frame: Uint8Array, most: number): Uint8Array[] {
  // S where the first partition starts.
  return describedParts(frame, most, ({ isFirst }) => isFirst ? 0x10 : 0);
}

function packetizeVp9(frame: Uint8Array, most: number): Uint8Array[] {
  // P where another picture is needed, B and E where the frame begins and ends.
  const isPredicted = parseVp9Header(frame)?.keyframe === true ? 0 : 0x40;
  return describedParts(
    frame,
    most,
    ({ isFirst, isLast }) =>
      isPredicted | (isFirst ? 0x08 : 0) | (isLast ? 0x04 : 0),
  );
}

/** Parts of a frame, each after a descriptor of one byte. */
function describedParts(
  frame: Uint8Array,
  most: number,
  describe: (part: { isFirst: boolean; isLast: boolean }) => number,
): Uint8Array[] {
  const parts = evenParts(frame, most - 1);
  return parts.map((part, i) => {
    const payload = new Uint8Array(1 + part.length);
    payload[0] = describe({
      isFirst: i === 0,
      isLast: i === parts.length - 1,
    });
    payload.set(part, 1);
    return payload;
  });
}
