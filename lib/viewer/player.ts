/** Plays one session: its points, and its picture and sound, by WHEP. */
import type { CloudLayout } from "../points/cloud.ts";
import { POINTS_PROTOCOL } from "../wire/frame.ts";
import {
  layoutOf,
  parseClientMessage,
  parseServerMessage,
} from "../wire/messages.ts";
import { connectionEnd, exchange, type ExchangeOptions } from "./exchange.ts";
import { SessionGone } from "./session_gone.ts";
import { countVideo } from "./video_counts.ts";
import type { VideoCounts } from "./video_support.ts";

export interface PlayerEvents {
  /** Called when the connection stands: points can come. */
  onConnected(): void;
  /** Called for each binary message of the channel; it may be transferred. */
  onMessage(bytes: ArrayBuffer): void;
  /** Called with how points lie in the f32 and raw frames that follow. */
  onLayout(layout: CloudLayout): void;
  /** Called with the picture and the sound, for each track of either. */
  onMedia(stream: MediaStream): void;
  /** Called once a second with what has come of the picture. */
  onVideo(counts: VideoCounts): void;
}

/** Longest that a lost connection is waited for, milliseconds. */
const LOST_MS = 5_000;

/**
 * Plays a session until it ends or `signal` aborts.
 *
 * @param id of the session.
 * @returns why it ended, a clause.
 * @throws {ExchangeError} where the server has no such session, or refuses.
 */
export async function play(
  id: string,
  events: PlayerEvents,
  options: ExchangeOptions,
): Promise<string> {
  const { signal } = options;
  const connection = new RTCPeerConnection();
  const over = new AbortController();
  try {
    const media = new MediaStream();
    connection.addTransceiver("video", { direction: "recvonly" });
    connection.addTransceiver("audio", { direction: "recvonly" });
    connection.addEventListener("track", ({ track }) => {
      media.addTrack(track);
      events.onMedia(media);
    });
    countVideo(connection, events.onVideo, over.signal);
    const ends = [
      connectionEnd(connection, AbortSignal.any([signal, over.signal])),
      lost(connection),
    ];
    const end = Promise.race([
      receivePoints(connection, events).then((reason) =>
        [reason, true] as const
      ),
      ...ends.map((end) => end.then((reason) => [reason, false] as const)),
    ]);
    const { hangUp } = await exchange(connection, `/whep/${id}`, options);
    // A page that goes away says so, so that nothing is sent to it meanwhile.
    addEventListener("pagehide", hangUp, { signal: over.signal });
    const [reason, byServer] = await end;
    if (!byServer && !(signal.reason instanceof SessionGone)) hangUp();
    return reason;
  } finally {
    over.abort();
    connection.close();
  }
}

/** Takes what comes on the points channel. @returns why it was closed. */
function receivePoints(
  connection: RTCPeerConnection,
  events: PlayerEvents,
): Promise<string> {
  const channel = connection.createDataChannel("points", {
    protocol: POINTS_PROTOCOL,
    ordered: true,
  });
  channel.binaryType = "arraybuffer";
  return new Promise((resolve) => {
    let reason = "the server closed the connection";
    channel.addEventListener("open", () => events.onConnected());
    channel.addEventListener("close", () => resolve(reason));
    channel.addEventListener("message", ({ data }) => {
      if (data instanceof ArrayBuffer) return events.onMessage(data);
      const message = parseClientMessage(data) ?? parseServerMessage(data);
      if (message?.type === "fields") events.onLayout(layoutOf(message));
      if (message?.type === "untaken" && message.kind === "video") {
        const { reason: untaken } = message;
        events.onVideo({ received: 0, decoded: 0, untaken });
      }
      if (message?.type !== "bye") return;
      reason = message.reason;
      resolve(reason);
    });
  });
}

/** Resolves when the other side has been away for too long. */
function lost(connection: RTCPeerConnection): Promise<string> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    connection.addEventListener("connectionstatechange", () => {
      clearTimeout(timer);
      if (connection.connectionState !== "disconnected") return;
      timer = setTimeout(() => resolve("the connection was lost"), LOST_MS);
    });
  });
}
