/** A piece of something that is posted, as a message: its head, and bytes. */
import type { PostedFormat } from "../hosting/posted_clouds.ts";
import { jsonBytes, readJson } from "./json.ts";

/** What is posted, and where the piece is in it. */
export interface PostedHead {
  /** Tells it from all else that is posted. */
  id: string;
  session: string;
  stream: string;
  /** Of a cloud; none of a message. */
  format?: PostedFormat;
  captureTime?: number;
  isText: boolean;
  /** Bytes before the piece, and in all. */
  at: number;
  total: number;
}

const FORMATS: readonly PostedFormat[] = [
  ...["npy", "pcd", "ply", "pointcloud2", "cloudini"] as const,
];
/** Bytes of the length of the head. */
const LENGTH_BYTES = 4;
/** Most characters of an id, and of a stream. */
const MAX_CHARACTERS = 200;

/** Makes a message. */
export function joinPiece(head: PostedHead, piece: Uint8Array): Uint8Array {
  const text = jsonBytes(head);
  const message = new Uint8Array(LENGTH_BYTES + text.length + piece.length);
  new DataView(message.buffer).setUint32(0, text.length, true);
  message.set(text, LENGTH_BYTES);
  message.set(piece, LENGTH_BYTES + text.length);
  return message;
}

/** @throws {TypeError} for what is no piece. */
export function readPiece(
  message: Uint8Array,
): { head: PostedHead; piece: Uint8Array } {
  const { buffer, byteOffset, length } = message;
  const view = new DataView(buffer, byteOffset, length);
  const end = LENGTH_BYTES +
    (length < LENGTH_BYTES ? 0 : view.getUint32(0, true));
  const head = readJson<PostedHead>(message.subarray(LENGTH_BYTES, end)) ?? {};
  if (end > length || !isHead(head)) {
    throw new TypeError("What a node posts can't be read");
  }
  return { head, piece: message.subarray(end) };
}

function isHead(head: Partial<PostedHead>): head is PostedHead {
  const { id, session, stream, format, captureTime, at, total } = head;
  const areTexts = [id, session, stream].every((text) =>
    typeof text === "string" && text.length <= MAX_CHARACTERS
  );
  const areCounts = [at, total].every((count) =>
    typeof count === "number" && Number.isSafeInteger(count) && count >= 0
  );
  return areTexts && areCounts &&
    (format === undefined || FORMATS.includes(format)) &&
    (captureTime === undefined || Number.isFinite(captureTime));
}
