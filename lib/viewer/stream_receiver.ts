/** What comes on the data channel of one stream. */
import type { CloudLayout } from "../points/cloud.ts";
import { addOffsets, type ClockOffset } from "../wire/clock_offset.ts";
import {
  layoutOf,
  parseClientMessage,
  parseServerMessage,
  placeOf,
  type StreamPlace,
  type TimeMessage,
  type TrackClockMessage,
  type UntakenMessage,
} from "../wire/messages.ts";

/** Most characters of a name that is a channel's label. */
const MOST_CHARACTERS = 200;

/** What takes a stream's messages. */
export interface StreamSink {
  /** Called for each binary message; it may be transferred. */
  onMessage(bytes: ArrayBuffer): void;
  /** Called with how points lie in the f32 and raw frames that follow. */
  onLayout(layout: CloudLayout): void;
  /** Called with where the coordinates of the frames that follow stand. */
  onPlace(place: StreamPlace): void;
  /**
   * Called with what tells how far the publisher's clock is ahead of this
   * machine's, as far as that is known.
   */
  onClock(clock: () => ClockOffset | undefined): void;
  /** Called when no more comes. */
  onEnd(): void;
}

/** What takes all that comes on such channels. */
export interface StreamSinks {
  /**
   * Called with the name of a stream; gives nothing for one that isn't wanted,
   * whose channel is closed.
   */
  open(name: string): StreamSink | undefined;
  /** Tells how far the server's clock is ahead of this machine's. */
  serverClock(): ClockOffset | undefined;
  /** Called with what the server says of the time. */
  onTime(message: TimeMessage): void;
  /** Called with what the clocks of a track show at one moment. */
  onTrackClock(message: TrackClockMessage): void;
  /** Called where a track isn't sent. */
  onUntaken(message: UntakenMessage): void;
}

/**
 * Receives a stream until its channel is closed. It is called as its server
 * says, or else as the channel's label.
 *
 * @returns what the server said at the end, if it said something; never for a
 * stream that isn't wanted.
 */
export function receiveStream(
  channel: RTCDataChannel,
  { open, serverClock, onTime, onTrackClock, onUntaken }: StreamSinks,
): Promise<{ bye: string | undefined }> {
  channel.binaryType = "arraybuffer";
  let isOpen = false;
  let sink: StreamSink | undefined;
  const opened = (name = channel.label.slice(0, MOST_CHARACTERS)) => {
    if (!isOpen) {
      isOpen = true;
      sink = open(name);
      if (sink === undefined) channel.close();
    }
    return sink;
  };
  return new Promise((resolve) => {
    channel.addEventListener("close", () => {
      sink?.onEnd();
      if (!isOpen || sink !== undefined) resolve({ bye: undefined });
    });
    channel.addEventListener("message", ({ data }) => {
      if (data instanceof ArrayBuffer) return opened()?.onMessage(data);
      const message = parseClientMessage(data) ?? parseServerMessage(data);
      switch (message?.type) {
        case "stream":
          return opened(message.name)?.onPlace(placeOf(message));
        case "fields":
          return opened()?.onLayout(layoutOf(message));
        case "clock":
          return opened()?.onClock(() => {
            const ofServer = serverClock();
            return ofServer && addOffsets(ofServer, message);
          });
        case "time":
          return onTime(message);
        case "track-clock":
          return onTrackClock(message);
        case "untaken":
          return onUntaken(message);
        case "bye":
          return resolve({ bye: message.reason });
      }
    });
  });
}
