/**
 * Whether the chunks and parameters of a packet are sound: each is as long as
 * its own header, at least, and ends within what it is in (RFC 9260 sections
 * 3.2 and 3.2.1). werift goes on by what a length says, and where one is 0, for
 * ever.
 */
import { CHUNK, COMMON_HEADER_BYTES, paddedLength } from "./packet.ts";

/** Bytes of the header of a chunk, and of a parameter. */
const HEADER_BYTES = 4;
/** Bytes of an INIT or INIT ACK before its parameters (section 3.3.2). */
const INIT_BYTES = 20;

/** Where the parameters of a chunk begin, by its type; others have none. */
const PARAMETERS_AT: Record<number, number> = {
  [CHUNK.init]: INIT_BYTES,
  [CHUNK.initAck]: INIT_BYTES,
  [CHUNK.heartbeat]: HEADER_BYTES,
  [CHUNK.heartbeatAck]: HEADER_BYTES,
  [CHUNK.abort]: HEADER_BYTES,
  [CHUNK.error]: HEADER_BYTES,
  [CHUNK.reconfig]: HEADER_BYTES,
};

/** Whether they are in a packet with a whole common header. */
export function hasSoundChunks(packet: Uint8Array, view: DataView): boolean {
  const { length } = packet;
  return isSound(view, COMMON_HEADER_BYTES, length, (at, end) => {
    const parameters = PARAMETERS_AT[packet[at]];
    return parameters === undefined ||
      at + parameters <= end && isSound(view, at + parameters, end);
  });
}

/**
 * Walks what lies one after the other, each with its length at its third byte.
 */
function isSound(
  view: DataView,
  start: number,
  end: number,
  inside: (at: number, end: number) => boolean = () => true,
): boolean {
  for (let at = start; at + HEADER_BYTES <= end;) {
    const length = view.getUint16(at + 2);
    if (length < HEADER_BYTES || at + length > end) return false;
    if (!inside(at, at + length)) return false;
    at += paddedLength(length);
  }
  return true;
}
