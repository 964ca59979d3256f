import { setTimeout as delay } from "node:timers/promises";
import type { RTCPeerConnection } from "werift";
import { freeDescriptors, isOutOfDescriptors } from "../descriptors.ts";
import { HeldBytes } from "../limits/held_bytes.ts";
import type { Intake } from "../limits/intake.ts";
import { DEFAULT_SESSION_LIMITS } from "../limits/session_limits.ts";
import { notifyOfClose } from "./dtls/close_notify.ts";
import { guardHandshake } from "./dtls/handshake.ts";
import { ConnectionError } from "./errors.ts";
import { useOwnSockets } from "./ice/own_sockets.ts";
import type { OfferOrigin } from "./ice/probation.ts";
import { boundReflection } from "./ice/reflection.ts";
import { checkIntegrity } from "./ice/stun_integrity.ts";
import { HAS_DATAGRAM_SOCKETS } from "./ice/udp_socket.ts";
import { RtpPath } from "./rtp/rtp_path.ts";
import { DataPath } from "./sctp/data_path.ts";
import type { PathLimits } from "./sctp/path_limits.ts";
import { keepEstablished, speedUpSetup } from "./sctp/setup.ts";
import type { Association } from "./werift/association.ts";
import type { DtlsTransport } from "./werift/dtls_transport.ts";
import {
  type NewAssociation,
  onAssociation,
  onSctpError,
  onTransport,
} from "./werift/factories.ts";
import { isAssociationClosed, stockUndeliveredBytes } from "./werift/peer.ts";

export interface InstallOptions extends PathLimits {
  /** Called with what the peer sent and nobody can read. */
  onError(error: unknown): void;
  /** Called with why werift's own data path stays, where it does. */
  onStock(why: string): void;
  /** Called with the largest packet to send, where another one was found. */
  onMtu?(mtu: number): void;
  /**
   * Is told what the peer sends, and has us hold.
   * @default {what is held over the limit of a session closes the connection}
   */
  intake?: Intake;
  /** What is known of the offer that is answered; none where we made it. */
  origin?: OfferOrigin;
}

/** What a peer connection has of ours. */
interface Installed {
  path?: DataPath;
  association?: Association;
  rtp?: RtpPath;
  /** Why the connection was refused. */
  refusal?: Error;
}

const installed = new WeakMap<RTCPeerConnection, Installed>();

/**
 * Puts our layers on a peer connection: sockets, checks of who the peer is,
 * DTLS records, DATA and SACK. Call before the first description, track or data
 * channel is made.
 *
 * Where werift isn't as known, its own data path stays. A connection that could
 * not be checked is refused: those calls throw a `ConnectionError`, or it is
 * closed, and `refusalOf` says why.
 *
 * @throws {ConnectionError} `failed` where nothing can be put on it.
 */
export function installDataPath(
  peer: RTCPeerConnection,
  options: InstallOptions,
): void {
  const slot: Installed = {};
  installed.set(peer, slot);
  const paths = new Map<DtlsTransport, DataPath>();
  const { onError } = options;
  const intake = options.intake ?? ownIntake(peer, onError);
  onTransport(peer, (transport) => {
    const { ice } = transport;
    boundReflection(ice, options.origin);
    checkIntegrity(ice);
    guardHandshake(transport, (error) => slot.refusal ??= error);
    const rtp = makeRtpPath(peer, transport, intake, () => slot.path);
    slot.rtp ??= rtp;
    notifyOfClose(transport);
    transport.onOdd((error) => {
      slot.refusal ??= error;
      peer.close().catch(onError);
    });
    if (!HAS_DATAGRAM_SOCKETS || ice.odds.length > 0) return;
    useOwnSockets(
      ice,
      (data) => paths.get(transport)?.intercept(data) ?? false,
      (error) => {
        if (isOutOfDescriptors(error)) slot.refusal ??= shortage(error);
      },
    );
  });
  onSctpError(peer, onError);
  onAssociation(peer, (made) => {
    const why = whyStock(made);
    if (why !== undefined) return options.onStock(why);
    const { association, transport } = made;
    slot.association = association;
    keepEstablished(association);
    speedUpSetup(association, transport.ice);
    const onStuck = (error: Error) => {
      if (slot.refusal !== undefined) return;
      slot.refusal = error;
      // Not while it sends.
      queueMicrotask(() => void peer.close().catch(onError));
    };
    slot.path = new DataPath(made, options, {
      onStuck,
      ...{ onError, onMtu: options.onMtu, intake, precedence: slot.rtp },
      untaken: options.intake?.held.share(),
    });
    paths.set(transport, slot.path);
  });
}

/** Closes a connection whose peer has this side hold too much. */
function ownIntake(
  peer: RTCPeerConnection,
  onError: (error: unknown) => void,
): Intake {
  const held = new HeldBytes(DEFAULT_SESSION_LIMITS.heldBytes, (most) => {
    onError(new Error(`The peer has more than ${most} bytes held for it`));
    peer.close().catch(onError);
  });
  return { held, arrived: () => {}, delivered: () => {} };
}

/** Takes the media of a transport over from werift. */
function makeRtpPath(
  peer: RTCPeerConnection,
  transport: DtlsTransport,
  intake: Intake,
  dataPath: () => DataPath | undefined,
): RtpPath {
  const { ice, srtp } = transport;
  const path = new RtpPath({
    srtp,
    intake,
    cname: peer.cname,
    dataRoundTripMs: () => dataPath()?.outbound?.rtt.smoothed,
    roundTripMs: () => ice.roundTripMs,
    dataFlow() {
      const outbound = dataPath()?.outbound;
      if (outbound === undefined) return undefined;
      const { delivered, congestion: { bandwidth } } = outbound;
      return { delivered, bandwidth };
    },
  });
  transport.onState((state) => {
    if (state === "closed" || state === "failed") path.close();
  });
  return path;
}

/** Why an association keeps werift's data path, where it must. */
function whyStock(made: NewAssociation): string | undefined {
  const { association, transport: { ice } } = made;
  const [odd] = association.odds;
  if (odd !== undefined) return `werift's association is not as known: ${odd}`;
  const [oddOfIce] = ice.odds;
  if (oddOfIce === undefined) return undefined;
  return `werift's ICE agent is not as known: ${oddOfIce}`;
}

/** The data path of a peer connection, where it has one of ours. */
export function dataPathOf(peer: RTCPeerConnection): DataPath | undefined {
  return installed.get(peer)?.path;
}

/** The SCTP association of a peer connection, where its data path is ours. */
export function associationOf(
  peer: RTCPeerConnection,
): Association | undefined {
  return installed.get(peer)?.association;
}

/**
 * The RTP path of a peer connection, once it has a description, a track or a
 * data channel.
 */
export function rtpPathOf(peer: RTCPeerConnection): RtpPath | undefined {
  return installed.get(peer)?.rtp;
}

/** Why a peer connection was refused on this side, where it was. */
export function refusalOf(peer: RTCPeerConnection): Error | undefined {
  return installed.get(peer)?.refusal;
}

/**
 * Looks whether a connection that has gathered candidates has all its sockets.
 *
 * @throws {ConnectionError} `failed` where it was refused on this side, as when
 * there is no file descriptor for a socket.
 */
export function demandSockets(peer: RTCPeerConnection): void {
  const refusal = refusalOf(peer);
  if (refusal !== undefined) throw refusal;
  // Listing the machine's addresses takes one too, and werift says nothing.
  const hasCandidates = peer.localDescription?.sdp.includes("a=candidate:");
  if (!hasCandidates && freeDescriptors(1) === 0) {
    throw shortage();
  }
}

/** The error of a socket for which there is no file descriptor. */
function shortage(cause: unknown = new Error("EMFILE")): ConnectionError {
  const message = "No UDP socket can be opened: too many files are open";
  return new ConnectionError("failed", message, { cause });
}

/** Bytes that were sent on data channels and that the peer may not have. */
export function undeliveredBytes(peer: RTCPeerConnection): number {
  return dataPathOf(peer)?.undeliveredBytes ?? stockUndeliveredBytes(peer);
}

/** Time between two looks at what is undelivered, milliseconds. */
const LOOK_MS = 5;

/** Waits until the peer has all that it was sent, for so long at most. */
export async function whenDelivered(
  peer: RTCPeerConnection,
  timeoutMs: number,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (undeliveredBytes(peer) > 0 && !isAssociationClosed(peer)) {
    if (performance.now() >= end) return;
    await delay(LOOK_MS);
  }
}
