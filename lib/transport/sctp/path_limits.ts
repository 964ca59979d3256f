import {
  MAX_RECORD_CONTENT_BYTES,
  RECORD_OVERHEAD_BYTES,
} from "../dtls/records.ts";
import { Bbr } from "./bbr.ts";
import { COMMON_HEADER_BYTES, DATA_HEADER_BYTES } from "./packet.ts";

/** Bytes of an IPv6 and a UDP header. */
export const IP_UDP_BYTES = 40 + 8;
/** Bytes that each packet has besides the user data of one chunk. */
export const OVERHEAD_BYTES = IP_UDP_BYTES + RECORD_OVERHEAD_BYTES +
  COMMON_HEADER_BYTES + DATA_HEADER_BYTES;
/**
 * Packets of the path's size that 212,992 bytes of receive buffer hold, and
 * room.
 */
const CAUTIOUS_PACKETS = 64;
/** What is sent before the round trips that were seen are believed, bytes. */
const TELLING_BYTES = 256 * 1024;
/** Least initial window, bytes, and in packets. */
const INITIAL_WINDOW_BYTES = 32 * 1200;
const INITIAL_WINDOW_PACKETS = 4;

/** What the packets of a path may be. */
export interface PathLimits {
  /** Largest IP packet, bytes. */
  mtu: number;
  /** Most bytes in flight. @default {Infinity} */
  maxWindow?: number;
  /** Whether larger packets are looked for. @default {false} */
  searchesMtu?: boolean;
}

/** Most that peers of others are sent: a longer record ends Chromium's DTLS. */
const FOREIGN_MTU = 2_048;

/** The limits of a path to a peer that isn't pointwire. */
export function foreignLimits(limits: PathLimits): PathLimits {
  return { ...limits, mtu: Math.min(limits.mtu, FOREIGN_MTU) };
}

/** Most user data in a chunk; a record takes no more than 2^14 bytes. */
export function maxPayloadOf({ mtu }: PathLimits): number {
  const content = Math.min(
    mtu - IP_UDP_BYTES - RECORD_OVERHEAD_BYTES,
    MAX_RECORD_CONTENT_BYTES,
  );
  return content - COMMON_HEADER_BYTES - DATA_HEADER_BYTES & ~3;
}

/** Makes the congestion controller of a path. */
export function createController(
  limits: PathLimits,
  initialRtt: number | undefined,
): Bbr {
  const packetBytes = maxPayloadOf(limits) + OVERHEAD_BYTES;
  return new Bbr({
    packetBytes,
    initialRtt,
    maxWindow: limits.maxWindow,
    initialWindow: Math.max(
      INITIAL_WINDOW_BYTES,
      INITIAL_WINDOW_PACKETS * packetBytes,
    ),
  });
}

/** Decides between the limits of a path nearby and of any other. */
export class NearbyChoice {
  /** What holds until it is decided: it fits a default receive buffer. */
  readonly meanwhile: PathLimits;
  readonly #nearby: PathLimits;
  readonly #elsewhere: PathLimits;
  readonly #maxRoundTripMs: number;

  /** @param maxRoundTripMs longest round trip of a path nearby. */
  constructor(
    nearby: PathLimits,
    elsewhere: PathLimits,
    maxRoundTripMs: number,
  ) {
    this.#nearby = nearby;
    this.#elsewhere = elsewhere;
    this.#maxRoundTripMs = maxRoundTripMs;
    const maxWindow = CAUTIOUS_PACKETS * elsewhere.mtu;
    this.meanwhile = { ...elsewhere, maxWindow, searchesMtu: false };
  }

  /** The limits, once it can be told which; nothing before. */
  decide(minRttMs: number, bytesSent: number): PathLimits | undefined {
    if (minRttMs <= this.#maxRoundTripMs) return this.#nearby;
    return bytesSent < TELLING_BYTES ? undefined : this.#elsewhere;
  }
}
