import { RECORD_OVERHEAD_BYTES } from "../dtls/records.ts";
import type { RecordLink } from "../dtls/record_link.ts";
import type { Fragments } from "../ice/fragments.ts";
import type { Association } from "../werift/association.ts";
import type { OutboundCounters } from "./outbound.ts";
import {
  COMMON_HEADER_BYTES,
  HEARTBEAT_BYTES,
  PacketWriter,
  readNonce,
} from "./packet.ts";
import { IP_UDP_BYTES } from "./path_limits.ts";
import { type MtuProbe, PathMtu } from "./path_mtu.ts";
import type { RttEstimator } from "./rtt.ts";

/** What IPv4 hosts have to take (RFC 1122 section 3.3.3). */
const MINIMUM_BYTES = 576;
/** Packets that links take: tunnels, PPPoE and what is in it, Ethernet. */
const CANDIDATES = [1400, 1452, 1472, 1492, 1500];
/**
 * Jumbo frames. libwebrtc's DTLS ends with an error at a record of more than
 * 2,048 bytes, so that nothing comes any more.
 */
const JUMBO_CANDIDATES = [4000, 9000];
const MAX_PROBE_BYTES = JUMBO_CANDIDATES.at(-1)!;
/** Packets after which larger ones are worth looking for. */
const WORTH_PACKETS = 200;
/** Longest time that what had been cut for a larger path is sent again for. */
const STUCK_MS = 10_000;

/** What is sent meanwhile: the sending side of an association. */
export interface SearchedTraffic {
  readonly counters: Pick<OutboundCounters, "chunksSent">;
  readonly rtt: Pick<RttEstimator, "smoothed" | "timeout">;
  /** Notes a packet without data that was sent. */
  onSentBesides(bytes: number, now: number): void;
}

/** What the search sends through, and asks of its peer. */
export interface MtuSearchContext {
  association: Pick<
    Association,
    "address" | "announcesPad" | "skipsUnknownChunks"
  >;
  link: Pick<RecordLink, "canForbidFragments" | "send">;
  /** The IP packet to begin with, bytes. */
  base: number;
  /** Called with the largest packet to send from now on. */
  onChange(mtu: number): void;
  /** Called, again and again, where a larger path's packets come no more. */
  onStuck(error: Error): void;
}

/**
 * Looks for larger packets that the path of an association takes, by HEARTBEAT
 * chunks in packets of their size (RFC 8899 section 6.2.3), and goes back where
 * the path takes them no more.
 */
export class MtuSearch {
  readonly path: PathMtu;
  readonly #context: MtuSearchContext;
  readonly #base: number;
  /** What is known to be the largest packet. */
  #mtu: number;
  /** Whether a PAD chunk fills the packet, or the HEARTBEAT itself does. */
  #pads = false;
  /** Whether the peer answers what is filled so. */
  #isAnswered = false;
  #writer: PacketWriter | undefined;

  /** @param context whose association is up. */
  constructor(context: MtuSearchContext) {
    const { association, base } = context;
    const candidates = association.announcesPad
      ? [...CANDIDATES, ...JUMBO_CANDIDATES]
      : CANDIDATES;
    this.#context = context;
    this.#base = this.#mtu = base;
    this.path = new PathMtu({
      base,
      minimum: Math.min(base, MINIMUM_BYTES),
      candidates: candidates.filter((size) => size > base),
    });
  }

  /** Goes on; to be called while something is sent. */
  step(traffic: SearchedTraffic, now: number): void {
    const { path } = this;
    const { link } = this.#context;
    const isWorth = traffic.counters.chunksSent >= WORTH_PACKETS ||
      path.state === "error";
    if (!isWorth || !link.canForbidFragments) return;
    const { smoothed = 0, timeout } = traffic.rtt;
    const probe = path.next(now, smoothed, timeout);
    this.#settle();
    if (probe === undefined) return;
    this.#send(probe);
    traffic.onSentBesides(probe.size, now);
  }

  /**
   * Takes a HEARTBEAT ACK chunk at `at` of `length` bytes.
   *
   * @returns whether it was the answer to a probe.
   */
  acknowledge(
    view: DataView,
    at: number,
    length: number,
    now: number,
  ): boolean {
    const nonce = readNonce(view, at, length);
    if (nonce === undefined) return false;
    if (!this.path.acknowledge(nonce, now)) return false;
    this.#isAnswered = true;
    this.#settle();
    return true;
  }

  /**
   * What may become of an IP packet of `size` bytes that is sent now: what was
   * cut for a larger path goes in fragments, for a chunk can't be cut again.
   */
  fragmentsOf(size: number, now: number): Fragments | undefined {
    const { onStuck, link } = this.#context;
    if (!link.canForbidFragments) return undefined;
    const { mtu, retreatedAt } = this.path;
    if (size <= mtu) return size > this.#base ? "forbidden" : undefined;
    if (now - retreatedAt > STUCK_MS) {
      const lost = "No packet of this size comes any more, nor its fragments";
      onStuck(new Error(`${lost}: ${size} bytes`));
    }
    return "allowed";
  }

  #settle(): void {
    const { mtu } = this.path;
    if (mtu === this.#mtu) return;
    this.#mtu = mtu;
    this.#context.onChange(mtu);
  }

  #send({ size, nonce }: MtuProbe): void {
    const { association, link } = this.#context;
    const writer = this.#writer ??= new PacketWriter(MAX_PROBE_BYTES);
    const filler = size - IP_UDP_BYTES - RECORD_OVERHEAD_BYTES -
        COMMON_HEADER_BYTES - HEARTBEAT_BYTES & ~3;
    writer.begin(association.address);
    // Pion 1.12 drops a packet with a PAD chunk; usrsctp answers no HEARTBEAT
    // that is larger than what it sends itself.
    if (!this.#isAnswered) {
      this.#pads = !this.#pads && association.skipsUnknownChunks;
    }
    if (this.#pads) {
      writer.heartbeat(nonce);
      writer.pad(filler);
    } else writer.heartbeat(nonce, filler);
    link.send(writer.finish(), { fragments: "forbidden" });
  }
}
