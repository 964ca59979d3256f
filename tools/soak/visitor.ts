/** Peers in this process that come to a server, stay for a while, and go. */
import { Buffer } from "node:buffer";
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { encodeF32 } from "../../lib/points/f32/f32.ts";
import { POINTS_PROTOCOL, splitFrame } from "../../lib/wire/frame.ts";
import { createPeer, whenConnected } from "../../lib/transport/peer.ts";

/** Thrown where the server refuses a visit. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";

  /** @param detail the body of the answer. */
  constructor(readonly status: number, detail: string) {
    super(`${status}: ${detail}`);
  }
}

/** How a visitor leaves. */
export const MANNERS = [
  /** It closes the connection. */
  "hangs up",
  /** It asks the server to end it (`DELETE` of its Location). */
  "deletes",
  /** Its sockets are gone, and it says nothing. */
  "vanishes",
  /** It never was there but for its offer. */
  "never connects",
] as const;
export type Manner = typeof MANNERS[number];

export interface VisitOptions {
  /** The server's. */
  url: string;
  /** `/whip`, or `/whep/ID` to watch. */
  path: string;
  manner: Manner;
  stayMs: number;
  /** Ends the stay early. */
  signal: AbortSignal;
}

/** Keeps no connection open that the server would hold a file for. */
const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });

/** Fetches without leaving a connection behind. */
export function ask(url: string | URL, init?: RequestInit): Promise<Response> {
  return fetch(url, { ...init, client });
}

/** Points of a frame that a visitor publishes, and the time between two. */
const POINTS = 300;
const FRAME_MS = 100;

/**
 * Makes one visit.
 *
 * @returns messages that were received on the data channel.
 * @throws {Error} where the server refuses it, or there is no connection.
 */
export async function visit(options: VisitOptions): Promise<number> {
  const { url, path, manner, stayMs, signal } = options;
  const peer = createPeer({ loopback: true, onError: () => {} });
  try {
    const channel = peer.createDataChannel("points", {
      protocol: POINTS_PROTOCOL,
    });
    let messages = 0;
    channel.onMessage.subscribe(() => messages++);
    const direction = path === "/whip" ? "sendonly" : "recvonly";
    for (const kind of ["video", "audio"] as const) {
      peer.addTransceiver(kind, { direction });
    }
    const { location, sdp } = await post(peer, url + path);
    if (manner === "never connects") return 0;
    await peer.setRemoteDescription({ type: "answer", sdp });
    await whenConnected(peer, { timeoutMs: 30_000 });
    using _sending = path === "/whip" ? sendFrames(channel) : undefined;
    await pause(stayMs, signal);
    if (manner === "deletes") await end(new URL(location, url));
    if (manner === "vanishes") await vanish(peer);
    return messages;
  } finally {
    await peer.close();
  }
}

async function post(
  peer: RTCPeerConnection,
  url: string,
): Promise<{ location: string; sdp: string }> {
  await peer.setLocalDescription(await peer.createOffer());
  const response = await ask(url, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: peer.localDescription!.sdp,
  });
  const sdp = await response.text();
  if (response.status !== 201) throw new RefusedError(response.status, sdp);
  return { location: response.headers.get("location") ?? "", sdp };
}

/** The session may have ended before: that is no mistake. */
async function end(url: URL): Promise<void> {
  const response = await ask(url, { method: "DELETE" });
  await response.body?.cancel();
  if (!response.ok && response.status !== 404) {
    throw new Error(`DELETE was answered ${response.status}`);
  }
}

async function vanish(peer: RTCPeerConnection): Promise<void> {
  for (const { connection } of peer.iceTransports) await connection.close();
}

function sendFrames(channel: RTCDataChannel): Disposable {
  const values = new Float32Array(POINTS * 3);
  let number = 0;
  const timer = setInterval(() => {
    if (channel.readyState !== "open") return;
    const info = {
      number,
      codec: "f32" as const,
      points: POINTS,
      captureTime: Date.now(),
    };
    const [message] = splitFrame(
      encodeF32(values.fill(number++)),
      info,
      16_000,
    );
    channel.send(Buffer.from(message.buffer));
  }, FRAME_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Lets a time pass, milliseconds, or returns when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
