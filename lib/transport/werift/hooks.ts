/**
 * The one place that reaches behind werift's public types, for exactly the
 * pinned version. What it reads is checked by tests/transport.
 */
import type { RTCPeerConnection, RTCRtpSender } from "werift";
import { settlesWithin } from "../../async.ts";

interface SecureManager {
  createTransport(...options: unknown[]): {
    iceTransport: { connection: { stunServer: unknown } };
  };
}

/**
 * Keeps werift from asking a STUN server of its own choice: without one in
 * `iceServers` it takes Google's, and waits up to 5 s for it. Call before the
 * first description, track or data channel is made.
 */
export function askNoStunServer(peer: RTCPeerConnection): void {
  const { secureManager } = peer as unknown as { secureManager: SecureManager };
  const create = secureManager.createTransport;
  secureManager.createTransport = (...options) => {
    const transport = create.apply(secureManager, options);
    transport.iceTransport.connection.stunServer = undefined;
    return transport;
  };
}

interface Gatherer {
  readonly state: string;
  ensureProtocol(protocol: { close(): Promise<void> }): void;
  getCandidatePromises(...args: unknown[]): Promise<unknown>[];
}

/**
 * Has a peer wait no longer than `ms` for its STUN and TURN servers: a description
 * has all candidates, so that one server that doesn't answer keeps it for 5 s and
 * longer. Call before the first description, track or data channel is made.
 */
export function limitGathering(peer: RTCPeerConnection, ms: number): void {
  const { secureManager } = peer as unknown as { secureManager: SecureManager };
  const create = secureManager.createTransport;
  secureManager.createTransport = (...options) => {
    const transport = create.apply(secureManager, options);
    const gatherer = transport.iceTransport.connection as unknown as Gatherer;
    const { ensureProtocol, getCandidatePromises } = gatherer;
    // The TURN server may answer when all is over.
    gatherer.ensureProtocol = (protocol) => {
      ensureProtocol.call(gatherer, protocol);
      if (gatherer.state === "closed") void protocol.close();
    };
    gatherer.getCandidatePromises = (...args) =>
      getCandidatePromises.apply(gatherer, args)
        .map((candidate) => settlesWithin(ms, candidate));
    return transport;
  };
}

interface SctpManager {
  createSctpTransport(...options: unknown[]): SctpTransport;
}

interface SctpTransport {
  sctp: { handleData(packet: Uint8Array): Promise<void> };
  setDtlsTransport(dtls: unknown): void;
  datachannelReceive(...message: unknown[]): Promise<void>;
}

/**
 * Hands on what goes wrong while werift reads what the peer sent on SCTP: a
 * packet cut off, a payload protocol identifier that nobody knows, an
 * acknowledgement of no channel, or a listener that throws. werift itself leaves
 * the rejection unhandled, so that any peer could end the process. Call before
 * the first description or data channel is made.
 */
export function catchSctpErrors(
  peer: RTCPeerConnection,
  onError: (error: unknown) => void,
): void {
  const { sctpManager } = peer as unknown as { sctpManager: SctpManager };
  const create = sctpManager.createSctpTransport;
  sctpManager.createSctpTransport = (...options) => {
    const transport = create.apply(sctpManager, options);
    const { datachannelReceive, setDtlsTransport } = transport;
    transport.datachannelReceive = (...message) =>
      datachannelReceive(...message).catch(onError);
    // The association is made here, anew for each DTLS transport.
    transport.setDtlsTransport = (dtls) => {
      const before = transport.sctp;
      setDtlsTransport.call(transport, dtls);
      const { sctp } = transport;
      if (sctp === before) return;
      const { handleData } = sctp;
      sctp.handleData = (packet) =>
        handleData.call(sctp, packet).catch(onError);
    };
    return transport;
  };
}

/**
 * Sets the pair of clocks that the sender's next report carries (RFC 3550
 * section 6.4.1). werift pairs the RTP timestamp with the time it was handed
 * the packet; the media's own clock keeps audio and video in step.
 */
export function setSenderReportClock(
  sender: RTCRtpSender,
  ntpTimestamp: bigint,
  rtpTimestamp: number,
): void {
  const clock = sender as unknown as {
    ntpTimestamp: bigint;
    rtpTimestamp: number;
  };
  clock.ntpTimestamp = ntpTimestamp;
  clock.rtpTimestamp = rtpTimestamp;
}
