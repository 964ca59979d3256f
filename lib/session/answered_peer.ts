import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { Histogram } from "../histogram.ts";
import type { SessionLimit } from "../limits/limit_name.ts";
import { LogThrottle } from "../limits/log_throttle.ts";
import type { SessionLimits } from "../limits/session_limits.ts";
import { UnprovenPackets } from "../limits/unproven_packets.ts";
import type { Logger } from "../log.ts";
import { ConnectionError } from "../transport/errors.ts";
import {
  announceAddress,
  filterCandidates,
} from "../transport/ice/candidates.ts";
import { finishAnswer } from "../transport/sdp/answer.ts";
import {
  parseDescription,
  writeDescription,
} from "../transport/sdp/description.ts";
import { keepFingerprints } from "../transport/sdp/fingerprint.ts";
import {
  type PreparedOffer,
  prepareOffer,
  type UntakenTrack,
  type UnusedSection,
} from "../transport/sdp/foreign_offer.ts";
import type { OfferRules } from "../transport/sdp/judge.ts";
import { demandSockets, whenDelivered } from "../transport/install.ts";
import type { NetworkOptions } from "../transport/network.ts";
import { takeSctpInit, withSctpInit } from "../transport/snap.ts";
import { LinkMonitor, ROUND_TRIP_BOUNDS_S } from "../transport/link_monitor.ts";
import {
  createPeer,
  type PeerOptions,
  whenConnected,
} from "../transport/peer.ts";
import { isAssociationClosed } from "../transport/werift/peer.ts";
import type {
  ByeCode,
  ClientMessage,
  ServerMessage,
} from "../wire/messages.ts";
import { Turns } from "../turns.ts";
import { SessionGuard } from "./session_guard.ts";
import type { LinkSnapshot, SessionState } from "./snapshot.ts";

/** What the peers that are answered in one thread share. */
export interface SharedByPeers {
  /** Whose offer is answered on, a part at a time. */
  turns: Turns;
  /** What all of them may send to addresses that never answered. */
  unproven: UnprovenPackets;
}

/** What a peer is made and watched with: plain data but for what is shared. */
export interface AnswerOptions
  extends Pick<PeerOptions, "loopback" | "mtu" | "network">, OfferRules {
  /** The offer's SDP. */
  offer: string;
  /** What the streams of the tracks that are sent are called. */
  trackNames?: readonly (string | undefined)[];
  /** The address that it came from, as far as it is known. */
  remote?: string;
  /** @default {its own} */
  shared?: SharedByPeers;
  /** Time to connect in. @default {30_000} milliseconds */
  connectTimeoutMs?: number;
  /** Silence after which the peer is taken for gone. @default {9_000} */
  silenceMs?: number;
  /** Limits that the peer is held to. @default {DEFAULT_SESSION_LIMITS} */
  limits?: Partial<SessionLimits>;
}

/** What happens to an answered peer. */
export interface AnsweredPeerEvents {
  /** ICE and DTLS are up; `remoteAddress` is the peer's on the wire. */
  onConnected(remoteAddress: string | undefined): void;
  /** It is about to be closed: the last moment to say something to the peer. */
  onClosing(reason: string, code: ByeCode): void;
}

/** Time for the peer to get what is said last, milliseconds. */
const GOODBYE_MS = 500;

/** Most sections that a line of the log names. */
const MAX_LOGGED_SECTIONS = 8;

/**
 * A peer connection made from an offer: it connects, lives and ends by itself.
 */
export class AnsweredPeer {
  readonly peer: RTCPeerConnection;
  /** Holds the peer to its limits. */
  readonly guard: SessionGuard;
  /** Settles when it is over, with the reason in one sentence. */
  readonly closed: Promise<string>;
  /** Resolves when ICE and DTLS are up, before anything can come. */
  readonly connected: Promise<void>;
  readonly #options: AnswerOptions;
  readonly #events: AnsweredPeerEvents;
  readonly #log: Logger;
  readonly #abort = new AbortController();
  readonly #closed = Promise.withResolvers<string>();
  readonly #connected = Promise.withResolvers<void>();
  #link: LinkMonitor | undefined;
  #connectedAt: Date | null = null;
  #state: SessionState = "connecting";
  #closing: Promise<void> | undefined;
  #endCode: ByeCode | undefined;
  #brokenLimit: SessionLimit | undefined;
  #answer = "";
  #prepared: PreparedOffer | undefined;

  constructor(
    options: AnswerOptions,
    events: AnsweredPeerEvents,
    log: Logger,
  ) {
    this.#options = options;
    this.#events = events;
    this.#log = log;
    this.closed = this.#closed.promise;
    this.connected = this.#connected.promise;
    this.guard = new SessionGuard(
      options.limits ?? {},
      (limit, reason) => this.#breakLimit(limit, reason),
    );
    const { loopback, mtu, network, offer, remote = "" } = options;
    const { unproven = new UnprovenPackets() } = options.shared ?? {};
    const warnings = new LogThrottle(log);
    this.peer = createPeer({
      loopback,
      mtu,
      network,
      intake: this.guard,
      origin: { bytes: offer.length, address: remote, packets: unproven },
      onError: (error) =>
        warnings.warn("the peer's message was refused", { error }),
      onStock: (why) => log.warn("the data path is werift's", { why }),
      onMtu: (mtu) => log.debug("the path takes other packets", { mtu }),
    });
  }

  /**
   * Answers the offer, and begins to connect. It is done in parts, between
   * which other peers have their turn: an offer may take many milliseconds.
   *
   * @param prepare decides what is answered, once the offer is known.
   * @throws {ConnectionError} `failed` where no UDP port is free, or no file
   * descriptor for a socket.
   * @throws {UnusableOfferError} where nothing in it can be used.
   * @throws {SdpError} and what werift throws for an offer that can't be
   * answered; nothing is left behind then.
   */
  async answer(prepare: () => void): Promise<void> {
    const { peer } = this;
    const { turns = new Turns() } = this.#options.shared ?? {};
    try {
      await turns.next();
      const prepared = this.#prepared = this.#prepareOffer();
      const sdp = writeDescription(prepared.description);
      await turns.next();
      await peer.setRemoteDescription({ type: "offer", sdp });
      await turns.next();
      prepare();
      const answer = await peer.createAnswer();
      const takesInit = takeSctpInit(peer, this.#options.offer);
      await turns.next();
      await peer.setLocalDescription(answer);
      demandSockets(peer);
      await turns.next();
      const finished = this.#finished(peer.localDescription!.sdp, prepared);
      this.#answer = takesInit ? withSctpInit(peer, finished) : finished;
    } catch (error) {
      await this.close("the offer could not be answered");
      throw error;
    }
    void this.#live();
  }

  /** The SDP of the answer, with all candidates. */
  get answerSdp(): string {
    return this.#answer;
  }

  /** Sections of the offer that nothing comes or goes through. */
  get unusedSections(): readonly UnusedSection[] {
    return this.#prepared?.unused ?? [];
  }

  /** Aborted when it begins to close. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The tracks that it isn't sent, as it doesn't take their codec. */
  get untakenTracks(): readonly UntakenTrack[] {
    return this.#prepared?.untaken ?? [];
  }

  /** The index of the track that a section of the offer gets, if any. */
  trackOf(mid: string | null): number | undefined {
    return mid === null ? undefined : this.#prepared?.tracks.get(mid);
  }

  get state(): SessionState {
    return this.#state;
  }

  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  get connectedAt(): Date | null {
    return this.#connectedAt;
  }

  /** The peer's address and port on the wire, once connected. */
  get remoteAddress(): string | undefined {
    return this.#link?.stats.remoteAddress;
  }

  /** Round-trip times to the peer, as its link was checked. */
  get link(): LinkSnapshot {
    const { stats, roundTrips } = this.#link ?? {};
    return {
      roundTripMs: stats?.roundTripMs ?? null,
      roundTrips: (roundTrips ?? new Histogram(ROUND_TRIP_BOUNDS_S)).snapshot(),
    };
  }

  /** Why it ended, for programs; none while it lives. */
  get endCode(): ByeCode | undefined {
    return this.#endCode;
  }

  /** The limit that it was ended for, where it was one. */
  get brokenLimit(): SessionLimit | undefined {
    return this.#brokenLimit;
  }

  /** Ends it because its peer broke a limit. */
  #breakLimit(limit: SessionLimit, reason: string): void {
    if (this.isClosing) return;
    this.#brokenLimit = limit;
    void this.close(reason, "limit");
  }

  /** Ends it, and frees everything. */
  close(reason: string, code: ByeCode = "ended"): Promise<void> {
    return this.#closing ??= this.#close(reason, code);
  }

  /**
   * Looks whether the peer has hung up, and ends it then: an aborted
   * association closes every data channel. Call when one is closed.
   */
  channelClosed(): void {
    if (!isAssociationClosed(this.peer)) return;
    void this.close("the peer closed the connection", "ended");
  }

  /** Sends a text message; one that can't be sent is logged and dropped. */
  tell(
    channel: RTCDataChannel,
    message: ServerMessage | ClientMessage | string,
  ): void {
    if (channel.readyState !== "open") return;
    try {
      channel.send(
        typeof message === "string" ? message : JSON.stringify(message),
      );
    } catch (error) {
      this.#log.debug("message not sent", { channel: channel.label, error });
    }
  }

  /** The offer without what must not be sent to, or can't be used. */
  #prepareOffer(): PreparedOffer {
    const { loopback, network, tracks } = this.#options;
    const { offer, ignored } = filterCandidates(
      keepFingerprints(parseDescription(this.#options.offer)),
      { allow: network?.allowCandidates, loopback },
    );
    if (Object.keys(ignored).length > 0) {
      this.#log.debug("candidates of the offer are ignored", ignored);
    }
    const prepared = prepareOffer(offer, { tracks });
    this.#tellUnused(prepared);
    return prepared;
  }

  #tellUnused({ unused }: PreparedOffer): void {
    if (unused.length === 0) return;
    const sections = unused.slice(0, MAX_LOGGED_SECTIONS);
    const leftOut = unused.length - sections.length;
    this.#log.warn("sections of the offer are not used", {
      sections,
      ...leftOut > 0 ? { leftOut } : {},
    });
  }

  /** The answer as the peer is to see it. */
  #finished(sdp: string, prepared: PreparedOffer): string {
    const { network = {} } = this.#options;
    const { publicAddress } = network;
    if (!sdp.includes("a=candidate:")) {
      throw new ConnectionError("failed", whyNoAddress(network));
    }
    const { trackNames } = this.#options;
    const answer = finishAnswer(parseDescription(sdp), prepared, (mid) => {
      const track = prepared.tracks.get(mid);
      return track === undefined ? undefined : trackNames?.[track];
    });
    return writeDescription(
      publicAddress === undefined
        ? answer
        : announceAddress(answer, publicAddress),
    );
  }

  async #live(): Promise<void> {
    const { signal } = this.#abort;
    const { connectTimeoutMs = 30_000 } = this.#options;
    using link = this.#link = new LinkMonitor(this.peer, this.#options);
    const connected = whenConnected(this.peer, {
      timeoutMs: connectTimeoutMs,
      signal,
    });
    const failure: unknown = await Promise.race([
      connected.then(() => undefined, (error) => error),
      link.lost,
    ]);
    if (signal.aborted) return;
    if (failure !== undefined) {
      if (isTimeout(failure)) this.#brokenLimit = "connect-time";
      return await this.close(reasonOf(failure), "lost");
    }
    this.#state = "connected";
    this.#connectedAt = new Date();
    this.#connected.resolve();
    const { remoteAddress } = await link.update();
    if (this.isClosing) return;
    this.#events.onConnected(remoteAddress);
    const end = await Promise.race([link.lost, this.closed]);
    const hungUp = this.peer.connectionState === "closed";
    await this.close(end, hungUp ? "ended" : "lost");
  }

  async #close(reason: string, code: ByeCode): Promise<void> {
    this.#endCode = code;
    this.#abort.abort();
    this.guard[Symbol.dispose]();
    this.#events.onClosing(reason, code);
    // An association that is aborted drops what it has not sent. Whoever broke
    // a limit isn't waited for: nothing holds it to any now.
    const isWaitedFor = code !== "lost" && code !== "limit";
    if (isWaitedFor) await whenDelivered(this.peer, GOODBYE_MS);
    try {
      await this.peer.close();
    } finally {
      this.#state = "closed";
      this.#closed.resolve(reason);
    }
  }
}

/** Says in a sentence why an answer has no candidate. */
function whyNoAddress({ udpPorts, iceTransport }: NetworkOptions): string {
  if (udpPorts !== undefined) {
    return `No UDP port from ${udpPorts.join(" to ")} is free`;
  }
  return iceTransport === "relay"
    ? "The TURN server gave no address"
    : "This machine has no address to use";
}

function isTimeout(error: unknown): boolean {
  return error instanceof ConnectionError && error.reason === "timeout";
}

function reasonOf(error: unknown): string {
  return error instanceof ConnectionError ? error.message : String(error);
}
