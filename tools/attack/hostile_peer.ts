/** A peer that has a session, and sends what no program of ours would. */
import { setTimeout as delay } from "node:timers/promises";
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { settlesWithin } from "../../lib/async.ts";
import { RecordLink } from "../../lib/transport/dtls/record_link.ts";
import { MAX_RECORD_CONTENT_BYTES } from "../../lib/transport/dtls/records.ts";
import { dataPathOf } from "../../lib/transport/install.ts";
import { createPeer } from "../../lib/transport/peer.ts";
import {
  DATA_HEADER_BYTES,
  type DataChunk,
  PacketWriter,
  paddedLength,
  type SackChunk,
} from "../../lib/transport/sctp/packet.ts";
import type { Association } from "../../lib/transport/werift/association.ts";
import type { DtlsTransport } from "../../lib/transport/werift/dtls_transport.ts";
import { onAssociation } from "../../lib/transport/werift/factories.ts";
import { POINTS_PROTOCOL } from "../../lib/wire/frame.ts";
import type { AttackContext, Sent } from "./attack.ts";
import { call, type Role, whenOpen } from "./call.ts";

export interface HostileOptions {
  /** What it is: it publishes, or watches the neighbour. */
  role?: Role;
  /** Data channels that it opens. @default {1} */
  channels?: number;
  /** What they are said to speak. */
  protocol?: string;
  /** Adds media before the offer is made. */
  prepare?(peer: RTCPeerConnection): void;
}

/** A DATA chunk, whose TSN is the next one where it has none. */
export type HostileChunk = Omit<DataChunk, "tsn"> & { tsn?: number };

/** User data of a packet, bytes: some of them fit a receive buffer. */
const PACKET_BYTES = 4_000;
/** Packets that may be unanswered. */
const MOST_UNANSWERED = 20;
/** Time after which what is unanswered is sent again, milliseconds. */
const AGAIN_MS = 50;
/** Longest wait for the data channels, milliseconds. */
const OPEN_MS = 10_000;
/** Times that it is, without any answer. */
const MOST_TRIES = 10;
/** Packets that are sent again at once. */
const MOST_AGAIN = 4;
/** Answers that tell of a hole before what is missing is sent again. */
const HOLES = 3;
/** Packets between two waits for an answer where nothing is acknowledged. */
const CLOCKED_PACKETS = 8;

interface Unanswered {
  /** TSN of its last chunk. */
  last: number;
  packet: Uint8Array;
}

/** One who is let in, and then writes SCTP packets of its own. */
export class HostilePeer implements AsyncDisposable {
  readonly peer: RTCPeerConnection;
  readonly transport: DtlsTransport;
  readonly channels: readonly RTCDataChannel[];
  readonly sent: Sent = { requests: 0, bytes: 0 };
  readonly #association: Association;
  readonly #link: RecordLink;
  readonly #writer = new PacketWriter(MAX_RECORD_CONTENT_BYTES);
  #unanswered: Unanswered[] = [];
  #tsn: number;
  #chunks = 0;
  #bytes = 0;
  #lastTsn = 0;
  #packets = 0;
  #holes = 0;
  #answered = Promise.withResolvers<void>();

  private constructor(
    peer: RTCPeerConnection,
    channels: RTCDataChannel[],
    transport: DtlsTransport,
    association: Association,
  ) {
    this.peer = peer;
    this.channels = channels;
    this.transport = transport;
    this.#association = association;
    this.#link = new RecordLink(transport, () => {});
    const outbound = dataPathOf(peer)!.outbound!;
    this.#tsn = outbound.nextTsn;
    outbound.acknowledge = (sack) => this.#onSack(sack);
    outbound.wake = () => {};
    this.#begin();
  }

  /** Connects, and opens its channels. @throws where it isn't let in. */
  static async connect(
    context: Pick<AttackContext, "url" | "session">,
    options: HostileOptions = {},
  ): Promise<HostilePeer> {
    const peer = createPeer({ loopback: true, onError: () => {} });
    const { promise: made, resolve } = Promise.withResolvers<
      [DtlsTransport, Association]
    >();
    onAssociation(
      peer,
      ({ transport, association }) => resolve([transport, association]),
    );
    const { channels: count = 1, protocol = POINTS_PROTOCOL } = options;
    const channels = Array.from(
      { length: count },
      (_, i) => peer.createDataChannel(`points ${i}`, { protocol }),
    );
    options.prepare?.(peer);
    try {
      await call(peer, context, options.role ?? "publisher");
      const open = Promise.all(channels.map(whenOpen));
      if (!await settlesWithin(OPEN_MS, open)) {
        throw new Error("The server opens no data channel");
      }
      const { undeliveredBytes } = dataPathOf(peer)!;
      if (undeliveredBytes > 0) await delay(AGAIN_MS);
      return new HostilePeer(peer, channels, ...await made);
    } catch (error) {
      await peer.close();
      throw error;
    }
  }

  /** Whether the server still listens. */
  get isAlive(): boolean {
    return this.peer.connectionState === "connected" &&
      !this.#association.isStopped;
  }

  /** Stream ids of its channels. */
  get streams(): number[] {
    return this.channels.map(({ id }) => id!);
  }

  /** Leaves TSNs out, as if they were lost. */
  skip(count: number): void {
    this.#tsn = this.#tsn + count >>> 0;
  }

  /** Takes nothing more, and says that it has no room. */
  stopTaking(): void {
    const inbound = dataPathOf(this.peer)!.inbound!;
    const { cumulativeTsn } = inbound;
    inbound.data = () => {};
    inbound.takeSack = () => ({
      ...{ cumulativeTsn, window: 0, gaps: [], duplicates: [] },
    });
  }

  /** The TSN that the next chunk has. */
  get nextTsn(): number {
    return this.#tsn;
  }

  /**
   * Sends a chunk: with others in one packet, and again until it is
   * acknowledged.
   *
   * @returns what to wait for, where there is something.
   */
  send(chunk: HostileChunk): Promise<void> | void {
    this.#add(chunk);
    if (this.#bytes >= PACKET_BYTES) return this.flush();
  }

  /** Sends what waits to be sent together. */
  async flush(): Promise<void> {
    const packet = this.#finish();
    if (packet === undefined) return;
    this.#unanswered.push({ last: this.#lastTsn, packet });
    this.#transmit(packet);
    let tries = 0;
    while (this.#unanswered.length >= MOST_UNANSWERED && this.isAlive) {
      if (await this.#isAnswered()) continue;
      this.#sendAgain();
      // The server takes no more: the next ones may fare better.
      if (++tries === MOST_TRIES) this.#unanswered = [];
    }
  }

  /** Sends a chunk once, with others in one packet. */
  sendOnce(chunk: HostileChunk): Promise<unknown> | void {
    this.#add(chunk);
    if (this.#bytes < PACKET_BYTES) return;
    this.#transmit(this.#finish()!);
    // The peer's answers tell that it has read what came before.
    if (++this.#packets % CLOCKED_PACKETS === 0) return this.#isAnswered();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peer.close();
  }

  #add(chunk: HostileChunk): void {
    const length = paddedLength(DATA_HEADER_BYTES + chunk.userData.length);
    const { tsn = this.#tsn } = chunk;
    if (chunk.tsn === undefined) {
      this.#lastTsn = tsn;
      this.#tsn = tsn + 1 >>> 0;
    }
    this.#writer.data({ ...chunk, tsn });
    this.#chunks++;
    this.#bytes += length;
    this.sent.requests++;
  }

  #finish(): Uint8Array | undefined {
    if (this.#chunks === 0) return undefined;
    const packet = this.#writer.finish().slice();
    this.#begin();
    return packet;
  }

  #begin(): void {
    this.#writer.begin(this.#association.address);
    this.#chunks = 0;
    this.#bytes = 0;
  }

  #transmit(packet: Uint8Array): void {
    this.sent.bytes += packet.length;
    this.#link.send(packet);
  }

  #sendAgain(): void {
    for (const { packet } of this.#unanswered.slice(0, MOST_AGAIN)) {
      this.#transmit(packet);
    }
  }

  #onSack({ cumulativeTsn, gaps }: SackChunk): void {
    this.#unanswered = this.#unanswered.filter(({ last }) =>
      (last - cumulativeTsn | 0) > 0
    );
    this.#holes = gaps.length === 0 ? 0 : this.#holes + 1;
    if (this.#holes === HOLES) this.#sendAgain();
    this.#answered.resolve();
    this.#answered = Promise.withResolvers();
  }

  /** Waits for an answer, but not for long. */
  async #isAnswered(): Promise<boolean> {
    const waiting = new AbortController();
    const { signal } = waiting;
    try {
      return await Promise.race([
        this.#answered.promise.then(() => true),
        delay(AGAIN_MS, false, { signal }),
      ]);
    } finally {
      waiting.abort();
    }
  }
}
