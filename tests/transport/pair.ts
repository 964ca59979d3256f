/**
 * Real peers in one process, connected over loopback.
 *
 * werift can't be imported without permissions, so it is only imported while a
 * test runs.
 */
import { assertEquals } from "@std/assert";
import dgram from "node:dgram";
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import type { PeerOptions } from "../../lib/transport/peer.ts";
import { testWith } from "../support.ts";

/** UDP sockets that are bound and not closed: a peer has some. */
const openSockets = new Set<{ close(): void }>();

type Watcher = (socket: Deno.DatagramConn, datagram: Uint8Array) => void;
const watchers = new Set<Watcher>();
/** `to` is the UDP port that the datagram goes to. */
type Tamperer = (datagram: Uint8Array, pass: () => void, to: number) => void;
let tamperer: Tamperer = (_, pass) => pass();

/** Decides what becomes of each datagram sent, until the end of the scope. */
export function tamperWithDatagrams(next: Tamperer): Disposable {
  const before = tamperer;
  tamperer = next;
  return { [Symbol.dispose]: () => void (tamperer = before) };
}

/** Shows each datagram that a peer sends, until the end of the scope. */
export function watchDatagrams(watcher: Watcher): Disposable {
  watchers.add(watcher);
  return { [Symbol.dispose]: () => void watchers.delete(watcher) };
}

const { listenDatagram } = Deno;
type UdpOptions = Deno.UdpListenOptions & { transport: "udp" };
const listenUdp = (options: UdpOptions) => {
  const socket = listenDatagram(options);
  const { close, send } = socket;
  socket.close = () => {
    openSockets.delete(socket);
    close.call(socket);
  };
  socket.send = (datagram, to) => {
    for (const watcher of watchers) watcher(socket, datagram);
    tamperer(
      datagram,
      () => void send.call(socket, datagram, to).catch(() => {}),
      (to as Deno.NetAddr).port,
    );
    return Promise.resolve(datagram.length);
  };
  openSockets.add(socket);
  return socket;
};
Deno.listenDatagram = listenUdp as typeof listenDatagram;

const { bind } = dgram.Socket.prototype;
dgram.Socket.prototype.bind = function (
  this: dgram.Socket,
  ...args: unknown[]
): dgram.Socket {
  openSockets.add(this);
  this.once("close", () => openSockets.delete(this));
  return Reflect.apply(bind, this, args);
};

/**
 * Registers a test with real peers, which must have closed all their sockets in
 * the end.
 *
 * Deno's own sanitizers can't be on: they count timers, and werift 0.25.2
 * leaves some that end by themselves. Each DTLS flight waits for its
 * retransmission, 500 ms and longer each time, though its answer has come
 * (`Flight.transmit`), and so do the wait of 100 ms before the first one
 * (`RTCDtlsTransport.start`) and the 20 ms between two connectivity checks
 * (`Connection.connect`).
 */
export function peerTest(
  name: string,
  body: (t: Deno.TestContext) => Promise<void>,
): void {
  testWith([], name, async (t) => {
    const before = new Set(openSockets);
    await body(t);
    const left = openSockets.difference(before);
    for (const socket of left) socket.close();
    assertEquals(left.size, 0, "Sockets were left open");
  });
}

/** Binds a socket of nobody's that can send to an address. */
export function bindStranger(to: string): Deno.DatagramConn {
  const hostname = to.includes(":") ? "::" : "0.0.0.0";
  return Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
}

/** Makes a peer that is closed at the end of the scope. */
export async function makePeer(
  options: PeerOptions = {},
): Promise<{ peer: RTCPeerConnection } & AsyncDisposable> {
  const { createPeer } = await import("../../lib/transport/peer.ts");
  const peer = createPeer({ loopback: true, ...options });
  return { peer, [Symbol.asyncDispose]: () => peer.close() };
}

/** Makes the offer of a peer, with all its candidates. */
export async function offerOf(peer: RTCPeerConnection): Promise<string> {
  await peer.setLocalDescription(await peer.createOffer());
  return peer.localDescription!.sdp;
}

/** Makes the answer of a peer to an offer. */
export async function answerOf(
  peer: RTCPeerConnection,
  offer: string,
): Promise<string> {
  await peer.setRemoteDescription({ type: "offer", sdp: offer });
  await peer.setLocalDescription(await peer.createAnswer());
  return peer.localDescription!.sdp;
}

/**
 * Gives a peer the answer to its offer, and waits until it is connected.
 *
 * @param onNegotiated called when all is agreed on, before anything can come.
 */
export async function connectTo(
  peer: RTCPeerConnection,
  answer: string,
  onNegotiated: () => void = () => {},
): Promise<void> {
  const { whenConnected } = await import("../../lib/transport/peer.ts");
  await peer.setRemoteDescription({ type: "answer", sdp: answer });
  onNegotiated();
  await whenConnected(peer, { timeoutMs: 30_000 });
}

/** Waits until a channel is in a state. */
export function whenState(
  channel: RTCDataChannel,
  state: "open" | "closed",
): Promise<void> {
  return new Promise((resolve) => {
    if (channel.readyState === state) return resolve();
    const { unSubscribe } = channel.stateChanged.subscribe((now) => {
      if (now !== state) return;
      unSubscribe();
      resolve();
    });
  });
}

export interface PeerPair extends AsyncDisposable {
  /** The one that made the offer. */
  left: RTCPeerConnection;
  right: RTCPeerConnection;
  /** The left one's end of the data channel, open. */
  channel: RTCDataChannel;
  /** The right one's end of it. */
  remote: RTCDataChannel;
}

/** Makes two peers, connected, with one open data channel. */
export async function connectPair(
  options: {
    left?: PeerOptions;
    right?: PeerOptions;
    /** Adds tracks and the like before the offer is made. */
    prepare?(left: RTCPeerConnection, right: RTCPeerConnection): void;
  } = {},
): Promise<PeerPair> {
  await using cleanup = new AsyncDisposableStack();
  const left = cleanup.use(await makePeer(options.left)).peer;
  const right = cleanup.use(await makePeer(options.right)).peer;
  const remote = Promise.withResolvers<RTCDataChannel>();
  right.onDataChannel.subscribe((channel) => remote.resolve(channel));
  const channel = left.createDataChannel("data");
  options.prepare?.(left, right);
  await connectTo(left, await answerOf(right, await offerOf(left)));
  await Promise.all([
    whenState(channel, "open"),
    remote.promise.then((channel) => whenState(channel, "open")),
  ]);
  const pair = cleanup.move();
  return {
    left,
    right,
    channel,
    remote: await remote.promise,
    [Symbol.asyncDispose]: () => pair.disposeAsync(),
  };
}
