/**
 * Where werift makes transports and associations. Each of its factories is
 * patched here and nowhere else.
 */
import type { Buffer } from "node:buffer";
import type { RTCPeerConnection } from "werift";
import { Association } from "./association.ts";
import { DtlsTransport } from "./dtls_transport.ts";
import { demandShape } from "./shape.ts";

interface RawPeer {
  secureManager: { createTransport(...options: unknown[]): object };
  sctpManager: RawSctpManager;
}

interface RawSctpManager {
  sctpTransport?: RawSctpTransport;
  createSctpTransport(...options: unknown[]): RawSctpTransport;
}

/**
 * werift's RTCSctpTransport. It makes an association for each DTLS transport.
 */
interface RawSctpTransport {
  readonly dtlsTransport?: object;
  readonly sctp?: object;
  setDtlsTransport(dtls: object): void;
  /** A message came for a data channel. */
  datachannelReceive(
    streamId: number,
    protocol: number,
    data: Buffer,
  ): Promise<void>;
}

/** An association, and what its packets go through. */
export interface NewAssociation {
  association: Association;
  transport: DtlsTransport;
}

interface Listeners {
  transport: ((transport: DtlsTransport) => void)[];
  association: ((made: NewAssociation) => void)[];
  sctpError: ((error: unknown) => void)[];
}

const all = new WeakMap<RTCPeerConnection, Listeners>();

/**
 * Calls `listener` for each DTLS transport of a peer connection, with its ICE
 * agent, before either starts; listeners in their order. Call before the first
 * description, track or data channel is made.
 *
 * @throws {ConnectionError} where werift isn't as known.
 */
export function onTransport(
  peer: RTCPeerConnection,
  listener: (transport: DtlsTransport) => void,
): void {
  listenersOf(peer).transport.push(listener);
}

/**
 * Calls `listener` for each SCTP association of a peer connection, before its
 * first packet; listeners in their order. Call before the first description or
 * data channel is made.
 *
 * @throws {ConnectionError} where werift isn't as known.
 */
export function onAssociation(
  peer: RTCPeerConnection,
  listener: (made: NewAssociation) => void,
): void {
  listenersOf(peer).association.push(listener);
}

/**
 * Calls `listener` for what goes wrong while werift reads what the peer sent on
 * SCTP: a packet cut off, a payload protocol identifier that nobody knows, an
 * acknowledgement of no channel, or a listener that throws. Without one, it is
 * an unhandled rejection, with which any peer could end the process.
 *
 * @throws {ConnectionError} where werift isn't as known.
 */
export function onSctpError(
  peer: RTCPeerConnection,
  listener: (error: unknown) => void,
): void {
  listenersOf(peer).sctpError.push(listener);
}

function listenersOf(peer: RTCPeerConnection): Listeners {
  let listeners = all.get(peer);
  if (listeners === undefined) {
    listeners = { transport: [], association: [], sctpError: [] };
    all.set(peer, listeners);
    patch(peer, listeners);
  }
  return listeners;
}

function patch(peer: object, listeners: Listeners): void {
  demandShape("peer connection", peer, {
    "secureManager.createTransport": "function",
    "sctpManager.createSctpTransport": "function",
  });
  const { secureManager, sctpManager } = peer as RawPeer;
  const transports = new WeakMap<object, DtlsTransport>();

  const { createTransport } = secureManager;
  secureManager.createTransport = (...options) => {
    const raw = createTransport.apply(secureManager, options);
    orForget(sctpManager, () => {
      const transport = new DtlsTransport(raw);
      transports.set(raw, transport);
      for (const listener of listeners.transport) listener(transport);
    });
    return raw;
  };

  const { createSctpTransport } = sctpManager;
  sctpManager.createSctpTransport = (...options) => {
    const raw = createSctpTransport.apply(sctpManager, options);
    orForget(
      sctpManager,
      () => watchAssociations(raw, transports, listeners),
    );
    return raw;
  };
}

/**
 * Takes away an SCTP transport that has no DTLS yet where `act` throws: with
 * it, werift could not close the peer connection.
 */
function orForget(manager: RawSctpManager, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (manager.sctpTransport?.dtlsTransport === undefined) {
      manager.sctpTransport = undefined;
    }
    throw error;
  }
}

function watchAssociations(
  raw: RawSctpTransport,
  transports: WeakMap<object, DtlsTransport>,
  listeners: Listeners,
): void {
  demandShape("SCTP transport", raw, {
    sctp: "undefined",
    setDtlsTransport: "function",
    datachannelReceive: "function",
  });
  const onError = (error: unknown) => {
    if (listeners.sctpError.length === 0) throw error;
    for (const listener of listeners.sctpError) listener(error);
  };
  const { datachannelReceive, setDtlsTransport } = raw;
  raw.datachannelReceive = (...message) =>
    datachannelReceive(...message).catch(onError);
  raw.setDtlsTransport = (dtls) => {
    const before = raw.sctp;
    setDtlsTransport.call(raw, dtls);
    const { sctp } = raw;
    if (sctp === before || sctp === undefined) return;
    const transport = transports.get(dtls);
    if (transport === undefined) {
      throw new Error("The DTLS transport is older than its listeners");
    }
    const association = new Association(sctp, onError);
    for (const listener of listeners.association) {
      listener({ association, transport });
    }
  };
}
