/** A DATA chunk that was sent, with what is known of its flight. */
export interface SentChunk {
  /** Unwrapped. */
  readonly tsn: number;
  readonly streamId: number;
  readonly streamSequence: number;
  readonly protocol: number;
  readonly flags: number;
  readonly userData: Uint8Array;
  /** Bytes of its packet with all headers. */
  readonly size: number;
  fate: "inflight" | "lost" | "acked";
  /** Times it was sent. */
  sent: number;
  /** When it was sent last, milliseconds. */
  sentAt: number;
  /** As it was when it was sent last, for the delivery rate. */
  delivered: number;
  deliveredAt: number;
  firstSentAt: number;
  appLimited: boolean;
  /** Bytes that were in flight with it as it was sent last. */
  inflight: number;
  /** The next one by TSN that is not acknowledged. */
  next: SentChunk | undefined;
  /** Neighbours in the order of sending, while in flight. */
  older: SentChunk | undefined;
  newer: SentChunk | undefined;
}

/** What learns of the packets' fates. Sizes are with all headers, bytes. */
export interface PacketFates {
  /** One was acknowledged; of one sent twice nobody knows which. */
  onDelivered(size: number, sentAt: number): void;
  /** One was lost, as it was sent last. */
  onLost(size: number, sentAt: number): void;
  /** The retransmission timer ran out: all that was in flight is lost. */
  onTimeout(now: number): void;
}

/**
 * What was sent and not acknowledged, by TSN and by time of sending. An
 * acknowledgement costs what it newly tells, and the holes that it names.
 */
export class SentChunks {
  #first: SentChunk | undefined;
  #last: SentChunk | undefined;
  #oldest: SentChunk | undefined;
  #newest: SentChunk | undefined;

  /** Bytes of packets in flight, with all headers. */
  inflightBytes = 0;
  /** Packets in flight. */
  inflight = 0;
  /** Bytes of user data not acknowledged: in flight or lost. */
  userBytes = 0;

  /** The one that was sent first of those in flight. */
  get oldest(): SentChunk | undefined {
    return this.#oldest;
  }

  /** The highest TSN that is not acknowledged. */
  get last(): SentChunk | undefined {
    return this.#last;
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** Adds one with the next TSN. */
  add(chunk: SentChunk): void {
    if (this.#last === undefined) this.#first = chunk;
    else this.#last.next = chunk;
    this.#last = chunk;
    this.userBytes += chunk.userData.length;
    this.#depart(chunk);
  }

  /** Puts one that was lost, or is probed with, in flight again. */
  resend(chunk: SentChunk): void {
    if (chunk.fate === "inflight") this.#land(chunk);
    chunk.fate = "inflight";
    this.#depart(chunk);
  }

  /** Takes one in flight for lost. */
  lose(chunk: SentChunk): void {
    this.#land(chunk);
    chunk.fate = "lost";
  }

  /**
   * Goes through what an acknowledgement newly covers, in the order of TSNs.
   *
   * @param cumulative unwrapped.
   * @param blocks offsets from it, ascending.
   */
  acknowledge(
    cumulative: number,
    blocks: readonly [first: number, last: number][],
    onAcked: (chunk: SentChunk) => void,
  ): void {
    let before: SentChunk | undefined;
    let chunk = this.#first;
    const take = (taken: SentChunk) => {
      chunk = taken.next;
      if (before === undefined) this.#first = chunk;
      else before.next = chunk;
      if (taken === this.#last) this.#last = before;
      taken.next = undefined;
      if (taken.fate === "inflight") this.#land(taken);
      taken.fate = "acked";
      this.userBytes -= taken.userData.length;
      onAcked(taken);
    };
    while (chunk !== undefined && chunk.tsn <= cumulative) take(chunk);
    for (const [first, last] of blocks) {
      while (chunk !== undefined && chunk.tsn < cumulative + first) {
        before = chunk;
        chunk = chunk.next;
      }
      while (chunk !== undefined && chunk.tsn <= cumulative + last) take(chunk);
      if (chunk === undefined) break;
    }
  }

  /** All that are not acknowledged, by TSN. */
  *[Symbol.iterator](): Generator<SentChunk> {
    for (let chunk = this.#first; chunk; chunk = chunk.next) yield chunk;
  }

  #depart(chunk: SentChunk): void {
    chunk.older = this.#newest;
    chunk.newer = undefined;
    if (this.#newest === undefined) this.#oldest = chunk;
    else this.#newest.newer = chunk;
    this.#newest = chunk;
    this.inflightBytes += chunk.size;
    this.inflight++;
  }

  #land(chunk: SentChunk): void {
    if (chunk.older === undefined) this.#oldest = chunk.newer;
    else chunk.older.newer = chunk.newer;
    if (chunk.newer === undefined) this.#newest = chunk.older;
    else chunk.newer.older = chunk.older;
    chunk.older = chunk.newer = undefined;
    this.inflightBytes -= chunk.size;
    this.inflight--;
  }
}
