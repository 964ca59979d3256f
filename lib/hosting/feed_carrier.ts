/** What the two ends of a session's feed say, and what carries it. */
import type { RtpPacketView } from "../media/rtp.ts";
import type { ClockPair } from "../media/rtp_clock.ts";
import type { FeedTrack } from "../session/feed.ts";
import type { ForwardingCounters } from "../session/snapshot.ts";
import type { TrackFormat } from "../transport/sdp/profiles.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import type { ByeCode } from "../wire/messages.ts";

/** A track, without what only its own side can do. */
export type PlainTrack = Omit<FeedTrack, "requestKeyframe" | "rateAt">;

/** What the session's side says. */
export type FromExport =
  /** First of all: what the session has. */
  | { type: "tracks"; tracks: PlainTrack[] }
  | {
    type: "frame";
    frame: EncodedFrame;
    /** Frames before it that newer ones took the place of, of all streams. */
    leftOut: number;
  }
  /** What a track's packets are in from now on. */
  | { type: "format"; track: number; format: TrackFormat }
  | { type: "packet"; track: number; packet: RtpPacketView }
  | { type: "clock"; track: number; clock: ClockPair }
  | { type: "end"; reason: string; code: ByeCode };

/** What the watchers' side says. */
export type FromMirror =
  /** A frame has been taken: there is room for another. */
  | { type: "taken" }
  | { type: "keyframe"; track: number }
  /** Number of watchers there, and what they were sent. */
  | { type: "watchers"; count: number; forwarded: ForwardingCounters }
  | { type: "leave" };

/** One end of what carries a feed; each end sends what the other takes. */
export interface FeedCarrier<Sent, Taken> {
  /** Sends a message. What it has of bytes stays the sender's. */
  send(message: Sent): void;
  /** Called once: `take` gets all messages, also those that came before. */
  listen(take: (message: Taken) => void): void;
  close(): void;
}

/** Carries a feed to another isolate. */
export function carryByPort<Sent extends FromExport | FromMirror, Taken>(
  port: MessagePort,
): FeedCarrier<Sent, Taken> {
  return {
    send(message) {
      const { copy, moved } = copyOf(message);
      port.postMessage(copy, moved);
    },
    listen: (take) => void (port.onmessage = ({ data }) => take(data)),
    close: () => port.close(),
  };
}

/** Bytes are moved to the other isolate, and those that are kept stay here. */
function copyOf(
  message: FromExport | FromMirror,
): { copy: FromExport | FromMirror; moved: Transferable[] } {
  switch (message.type) {
    case "frame": {
      // Not slice(): of a Buffer that is no copy.
      const bytes = new Uint8Array(message.frame.bytes);
      const frame = { ...message.frame, bytes };
      return { copy: { ...message, frame }, moved: [bytes.buffer] };
    }
    case "packet": {
      // A view is cloned with all that it is a view of.
      const payload = new Uint8Array(message.packet.payload);
      const packet = { ...message.packet, payload };
      return { copy: { ...message, packet }, moved: [payload.buffer] };
    }
    default:
      return { copy: message, moved: [] };
  }
}

/** Declines a feed: the other side of the port needs to send nothing. */
export function declineFeed(port: MessagePort): void {
  const message: FromMirror = { type: "leave" };
  port.postMessage(message);
  port.close();
}
