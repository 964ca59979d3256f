/** Plays one session: its points, and its picture and sound, by WHEP. */
import { ClockAsker } from "../wire/clock_asker.ts";
import { POINTS_PROTOCOL } from "../wire/frame.ts";
import type { TrackClockMessage } from "../wire/messages.ts";
import { connectionEnd, exchange, type ExchangeOptions } from "./exchange.ts";
import type { MediaSections, RemoteTrack } from "./media_tiles.ts";
import { SessionGone } from "./session_gone.ts";
import type { StreamSink, StreamSinks } from "./stream_messages.ts";
import { receiveStream } from "./stream_receiver.ts";
import { countVideo } from "./video_counts.ts";
import type { VideoCounts } from "./video_support.ts";

export interface PlayerEvents {
  /** Called when the connection stands: points can come. */
  onConnected(): void;
  /** Called for each stream of points; nothing for one that isn't wanted. */
  onStream(name: string): StreamSink | undefined;
  /** Called with the pictures and the sound that are going to come. */
  onMedia(tracks: readonly RemoteTrack<MediaStreamTrack>[]): void;
  /** Called with what the clocks of a track show at one moment. */
  onTrackClock(message: TrackClockMessage): void;
  /** Called once a second with what has come of the picture. */
  onVideo(counts: VideoCounts): void;
}

/** What is played, and how the server is asked for it. */
export interface PlayOptions extends ExchangeOptions {
  /** How many pictures and sounds are asked for. */
  sections: MediaSections;
  /** The query that asks for a part of the clouds, with its `?`. */
  selection: string;
}

/** How long ICE may take after the server's answer, milliseconds. */
const ICE_MS = 5_000;

/** Thrown where no packet gets through to the server and back. */
export class NoWayError extends Error {
  override name = "NoWayError";
}

/** Longest that a lost connection is waited for, milliseconds. */
const LOST_MS = 5_000;

/** Channels of one connection that are listened to. */
const MOST_CHANNELS = 64;

/**
 * Plays a session until it ends or `signal` aborts.
 *
 * @param id of the session.
 * @returns why it ended, a clause.
 * @throws {ExchangeError} where the server has no such session, or refuses.
 * @throws {NoWayError} where ICE doesn't come up.
 */
export async function play(
  id: string,
  events: PlayerEvents,
  options: PlayOptions,
): Promise<string> {
  const { signal, sections, selection } = options;
  const connection = new RTCPeerConnection();
  const over = new AbortController();
  try {
    const tracks: RemoteTrack<MediaStreamTrack>[] = [];
    for (const kind of ["video", "audio"] as const) {
      for (let i = 0; i < sections[kind]; i++) {
        connection.addTransceiver(kind, { direction: "recvonly" });
      }
    }
    connection.addEventListener("track", (event) => {
      const { track, streams: [stream], transceiver: { mid } } = event;
      tracks.push({ track, stream: stream?.id ?? "", mid: mid ?? "" });
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
    const { hangUp } = await exchange(
      connection,
      `/whep/${id}${selection}`,
      options,
    );
    // All of them are told of before the answer is taken.
    events.onMedia(tracks);
    // A page that goes away says so, so that nothing is sent to it meanwhile.
    addEventListener("pagehide", hangUp, { signal: over.signal });
    const [reason, byServer] = await Promise.race([
      end,
      noWay(connection, over.signal),
    ]).catch((error) => {
      hangUp();
      throw error;
    });
    if (!byServer && !(signal.reason instanceof SessionGone)) hangUp();
    return reason;
  } finally {
    over.abort();
    connection.close();
  }
}

/**
 * Takes what comes on the points channels: the one that is offered carries the
 * first stream, and the server opens one for each other.
 *
 * @returns why the server ended it.
 */
async function receivePoints(
  connection: RTCPeerConnection,
  { onConnected, onStream, onTrackClock, onVideo }: PlayerEvents,
): Promise<string> {
  const sinks: StreamSinks = {
    open: onStream,
    serverClock: () => clock.offset,
    onTime: (message) => clock.take(message),
    onTrackClock,
    onUntaken: ({ kind, reason: untaken }) => {
      if (kind === "video") onVideo({ received: 0, decoded: 0, untaken });
    },
  };
  const first = connection.createDataChannel("points", {
    protocol: POINTS_PROTOCOL,
    ordered: true,
  });
  using clock = new ClockAsker((question) => {
    if (first.readyState === "open") first.send(JSON.stringify(question));
  });
  first.addEventListener("open", () => {
    onConnected();
    clock.start();
  });
  let streams = 1;
  const goodbye = new Promise<string>((resolve) => {
    connection.addEventListener("datachannel", ({ channel }) => {
      const isStream = channel.protocol === POINTS_PROTOCOL;
      if (!isStream || ++streams > MOST_CHANNELS) return channel.close();
      void receiveStream(channel, sinks).then(({ bye }) => {
        if (bye !== undefined) resolve(bye);
      });
    });
  });
  const end = receiveStream(first, sinks)
    .then(({ bye = "the server closed the connection" }) => bye);
  return await Promise.race([goodbye, end]);
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

/** Rejects where ICE isn't up in time. */
function noWay(
  connection: RTCPeerConnection,
  signal: AbortSignal,
): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => {
      const { iceConnectionState: state } = connection;
      if (state === "connected" || state === "completed") return;
      reject(new NoWayError("no packet gets through"));
    }, ICE_MS);
    signal.addEventListener("abort", () => clearTimeout(timer));
  });
}
