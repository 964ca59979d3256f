import type { HeldShare } from "../../limits/held_bytes.ts";
import {
  MessageReassembler,
  type ReceivedChunk,
  type ReceivedMessage,
} from "./message_reassembler.ts";
import { DATA_FLAG, type SackChunk } from "./packet.ts";
import { ReceivedTsns } from "./received_tsns.ts";
import { firstTsn, unwrapTsn, wrapTsn } from "./tsn.ts";

/** Receiver window that is advertised, bytes: 10 MB/s for 0.4 s. */
export const RECEIVE_WINDOW_BYTES = 4 * 1024 * 1024;
/**
 * Longest wait for a second packet before one is acknowledged, milliseconds.
 */
export const SACK_DELAY_MS = 20;
/** Packets with new data after which a SACK is due (RFC 9260 section 6.2). */
const PACKETS_PER_SACK = 2;
const MAX_DUPLICATES = 32;

/** A DATA chunk as it came, its TSN as on the wire. */
export type ArrivedChunk = ReceivedChunk;

/**
 * The receiving side of an association: DATA chunks in, messages out, and what
 * is to be acknowledged and when. It has no clock and sends nothing itself.
 */
export class Inbound {
  readonly #tsns: ReceivedTsns;
  readonly #messages: MessageReassembler;
  #duplicates: number[] = [];
  #packetsSinceSack = 0;
  #sackAt = Infinity;
  #packetHasNew = false;
  #packetIsUrgent = false;

  /**
   * @param initialTsn the peer's first TSN, on the wire.
   * @param onMessage called for each message, in the order of its stream.
   * @param held is told what is held.
   */
  constructor(
    initialTsn: number,
    onMessage: (message: ReceivedMessage) => void,
    held?: HeldShare,
  ) {
    this.#tsns = new ReceivedTsns(firstTsn(initialTsn) - 1);
    this.#messages = new MessageReassembler(onMessage, held);
  }

  /** All up to this TSN came, on the wire. */
  get cumulativeTsn(): number {
    return wrapTsn(this.#tsns.cumulative);
  }

  /**
   * When a SACK is due: Infinity for none, a time that has passed for at once.
   */
  get sackAt(): number {
    return this.#sackAt;
  }

  /** Whether all up to `tsn`, on the wire, has come. */
  hasAllUpTo(tsn: number): boolean {
    return unwrapTsn(tsn, this.#tsns.cumulative) <= this.#tsns.cumulative;
  }

  /** Takes a DATA chunk. Its user data is kept. */
  data(chunk: ArrivedChunk): void {
    if (chunk.flags & DATA_FLAG.immediate) this.#packetIsUrgent = true;
    const tsn = unwrapTsn(chunk.tsn, this.#tsns.cumulative);
    if (this.#isBeyondWindow(tsn)) return;
    const hadGaps = this.#tsns.hasGaps;
    const arrival = this.#tsns.add(tsn);
    if (arrival === "refused") return;
    if (arrival === "duplicate") {
      if (this.#duplicates.length < MAX_DUPLICATES) {
        this.#duplicates.push(chunk.tsn);
      }
      this.#packetIsUrgent = true;
      return;
    }
    this.#packetHasNew = true;
    if (arrival === "opens-gap" || (arrival === "fills-gap" && hadGaps)) {
      this.#packetIsUrgent = true;
    }
    chunk.tsn = tsn;
    this.#messages.add(chunk);
  }

  /** Skips what the peer gave up, up to `tsn` on the wire (RFC 3758). */
  forward(tsn: number, streams: [id: number, sequence: number][]): void {
    const to = unwrapTsn(tsn, this.#tsns.cumulative);
    this.#packetIsUrgent = true;
    if (to <= this.#tsns.cumulative) return;
    this.#tsns.forward(to);
    this.#messages.forward(to, streams);
  }

  resetStream(id: number): void {
    this.#messages.resetStream(id);
  }

  /** Ends a packet that had DATA or FORWARD TSN: a SACK may be due now. */
  endPacket(now: number): void {
    if (this.#packetHasNew) this.#packetsSinceSack++;
    if (this.#packetIsUrgent || this.#packetsSinceSack >= PACKETS_PER_SACK) {
      this.#sackAt = -Infinity;
    } else if (this.#packetHasNew) {
      this.#sackAt = Math.min(this.#sackAt, now + SACK_DELAY_MS);
    }
    this.#packetHasNew = false;
    this.#packetIsUrgent = false;
  }

  /**
   * The SACK to send now.
   *
   * @param most gap blocks that fit its packet.
   */
  takeSack(most: number): SackChunk {
    const sack: SackChunk = {
      cumulativeTsn: this.cumulativeTsn,
      window: this.#window,
      gaps: this.#tsns.gapBlocks(most),
      duplicates: this.#duplicates,
    };
    this.#duplicates = [];
    this.#packetsSinceSack = 0;
    this.#sackAt = Infinity;
    return sack;
  }

  /**
   * What is held without the message that grows at the cumulative TSN: one that
   * is larger than the window would never finish otherwise.
   */
  get #held(): number {
    const { bytes } = this.#messages;
    if (bytes === 0) return 0;
    const growing = this.#messages.endingAt(this.#tsns.cumulative);
    return bytes - (growing?.length ?? 0);
  }

  get #window(): number {
    return Math.max(0, RECEIVE_WINDOW_BYTES - this.#held);
  }

  /**
   * A sender that minds the window gets here with thousands of tiny messages
   * alone, as their windows leave out what each takes besides: those have to
   * wait until what is missing has come.
   */
  #isBeyondWindow(tsn: number): boolean {
    const { heldBytes } = this.#messages;
    const most = 4 * RECEIVE_WINDOW_BYTES;
    if (heldBytes <= most || tsn <= this.#tsns.highest) return false;
    const growing = this.#messages.endingAt(this.#tsns.cumulative);
    return heldBytes - (growing?.heldBytes ?? 0) > most;
  }
}
