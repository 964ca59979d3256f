/** INIT chunks by themselves (RFC 9260 section 3.3.2), big-endian. */
import type { Init } from "../werift/association.ts";
import { CHUNK, paddedLength, viewOf } from "./packet.ts";

/** Bytes before the parameters, and of a parameter's header. */
const FIXED_BYTES = 20;
const HEADER_BYTES = 4;
/** Bytes that are read; what WebRTC's peers send are below 100. */
export const MAX_INIT_BYTES = 2048;
/** Least receiver window that a peer may have (section 3.3.2), bytes. */
const MIN_WINDOW_BYTES = 1500;

/** Writes an INIT chunk; its length has no padding in it. */
export function writeInit(init: Init): Uint8Array<ArrayBuffer> {
  const { parameters } = init;
  const lengths = parameters.map(([, value]) => HEADER_BYTES + value.length);
  const padded = lengths.reduce((sum, each) => sum + paddedLength(each), 0);
  const bytes = new Uint8Array(FIXED_BYTES + padded);
  const view = new DataView(bytes.buffer);
  bytes[0] = CHUNK.init;
  view.setUint32(4, init.tag);
  view.setUint32(8, init.window);
  view.setUint16(12, init.outboundStreams);
  view.setUint16(14, init.inboundStreams);
  view.setUint32(16, init.tsn);
  let at = FIXED_BYTES;
  let end = at;
  for (const [index, [type, value]] of parameters.entries()) {
    view.setUint16(at, type);
    view.setUint16(at + 2, lengths[index]);
    bytes.set(value, at + HEADER_BYTES);
    end = at + lengths[index];
    at += paddedLength(lengths[index]);
  }
  view.setUint16(2, end);
  return bytes;
}

/**
 * Reads an INIT chunk, with its padding or without.
 *
 * @returns nothing where it is none, is longer than `MAX_INIT_BYTES`, or has
 * values that section 3.3.2 doesn't allow.
 */
export function readInit(bytes: Uint8Array): Init | undefined {
  if (bytes.length < FIXED_BYTES || bytes.length > MAX_INIT_BYTES) return;
  const view = viewOf(bytes);
  const length = view.getUint16(2);
  const isWhole = length >= FIXED_BYTES && length <= bytes.length &&
    bytes.length <= paddedLength(length);
  if (bytes[0] !== CHUNK.init || !isWhole) return;
  const parameters = readParameters(bytes.subarray(0, length));
  const init = {
    tag: view.getUint32(4),
    window: view.getUint32(8),
    outboundStreams: view.getUint16(12),
    inboundStreams: view.getUint16(14),
    tsn: view.getUint32(16),
  };
  const isAllowed = init.tag !== 0 && init.window >= MIN_WINDOW_BYTES &&
    init.outboundStreams > 0 && init.inboundStreams > 0;
  return isAllowed && parameters ? { ...init, parameters } : undefined;
}

function readParameters(
  chunk: Uint8Array,
): Init["parameters"] | undefined {
  const view = viewOf(chunk);
  const parameters: Init["parameters"] = [];
  for (let at = FIXED_BYTES; at < chunk.length;) {
    if (at + HEADER_BYTES > chunk.length) return undefined;
    const length = view.getUint16(at + 2);
    if (length < HEADER_BYTES || at + length > chunk.length) return undefined;
    const value = chunk.slice(at + HEADER_BYTES, at + length);
    parameters.push([view.getUint16(at), value]);
    at += paddedLength(length);
  }
  return parameters;
}
