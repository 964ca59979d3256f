/** The JSON text messages beside the records of a session. */
import { foreignText } from "../foreign_text.ts";
import { type ByeMessage, parseServerMessage } from "./messages.ts";

/** A track of a session, as its reader is told of it. */
export interface SessionTrack {
  /** Picture or sound. */
  kind: "video" | "audio";
  /** What its publisher calls it, where it does. */
  name?: string;
  /** What it is in, such as `VP8` or `opus`; null before that is known. */
  codec: string | null;
}

/**
 * Says which tracks a session has, by their numbers, again when one is in
 * another codec.
 */
export interface TracksMessage {
  /** Names the message. */
  type: "tracks";
  tracks: SessionTrack[];
}

/** What a reader of a session is told. */
export type SessionMessage = TracksMessage | ByeMessage;

/** Tracks of a session that are read at the most. */
const MOST_TRACKS = 64;
const MOST_NAME_CHARACTERS = 200;
const MOST_CODEC_CHARACTERS = 32;

/** Reads a message of the session; `undefined` for anything else. */
export function parseSessionMessage(
  text: string,
): SessionMessage | undefined {
  const message = parseServerMessage(text);
  if (message !== undefined) {
    return message.type === "bye" ? message : undefined;
  }
  return parseTracks(text);
}

function parseTracks(text: string): TracksMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { type, tracks } = (value ?? {}) as Partial<TracksMessage>;
  const areSound = type === "tracks" && Array.isArray(tracks) &&
    tracks.length <= MOST_TRACKS && tracks.every(isTrack);
  if (!areSound) return undefined;
  return {
    type,
    tracks: tracks.map(({ kind, name, codec }) => ({
      kind,
      ...(name !== undefined && { name }),
      codec: codec && foreignText(codec),
    })),
  };
}

function isTrack(value: unknown): value is SessionTrack {
  const { kind, name, codec } = (value ?? {}) as Partial<SessionTrack>;
  const isText = (value: unknown, most: number) =>
    typeof value === "string" && value.length <= most;
  return (kind === "video" || kind === "audio") &&
    (name === undefined || isText(name, MOST_NAME_CHARACTERS)) &&
    (codec === null || isText(codec, MOST_CODEC_CHARACTERS));
}
