/** What the page and the worker that reads recordings tell each other. */
import type { CloudLayout } from "../points/cloud.ts";
import type { FrameInfo } from "../wire/frame.ts";
import type { StreamPlace } from "../wire/messages.ts";
import type { EncodedPicture } from "./picture_queue.ts";

/** What is read of a recording. Times are milliseconds since the Unix epoch. */
export type RecordedItem =
  | {
    kind: "cloud";
    stream: string;
    info: Omit<FrameInfo, "number">;
    place: StreamPlace;
    /** How points lie, where the frame's codec doesn't say it. */
    layout: CloudLayout | undefined;
    /** A frame of one chunk, as on a points channel, without its header. */
    message: Uint8Array<ArrayBuffer>;
  }
  | { kind: "picture"; track: string; picture: EncodedPicture }
  | { kind: "sound"; track: string; sound: RecordedSound };

/** A packet of Opus, and when it was captured. */
export type RecordedSound = Pick<EncodedPicture, "captureTime" | "data">;

/** What a recording has. */
export interface RecordingContent {
  /** When its first and last messages came. */
  start: number;
  end: number;
  streams: readonly string[];
  tracks: readonly RecordedTrack[];
}

export interface RecordedTrack {
  name: string;
  kind: "video" | "audio";
}

/** To the worker that reads. */
export type ToRecordingWorker =
  /** Opens a file of so many bytes. */
  | { type: "open"; name: string; size: number }
  /** The bytes that it has asked for, or why there are none. */
  | { type: "bytes"; request: number; bytes: Uint8Array<ArrayBuffer> }
  | { type: "no-bytes"; request: number; why: string }
  /** Reads from a moment on; what was being read is forgotten. */
  | { type: "seek"; run: number; from: number }
  /** Reads no further than to this moment, for now. */
  | { type: "until"; until: number };

/** From the worker that reads. */
export type FromRecordingWorker =
  /** It listens from now on. */
  | { type: "ready" }
  | { type: "opened"; content: RecordingContent }
  /** Asks for bytes of the file. */
  | { type: "read"; request: number; offset: number; length: number }
  /** The bytes that it has asked for aren't wanted any more. */
  | { type: "cancel" }
  | { type: "item"; run: number; item: RecordedItem }
  /** The clouds are there that are to be seen at the moment of a seek. */
  | { type: "seen"; run: number }
  /** All is there up to a moment; the end of it where nothing more comes. */
  | { type: "reached"; run: number; time: number; isEnd: boolean }
  /** It can't be read: a sentence. */
  | { type: "failed"; why: string };
