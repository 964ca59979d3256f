/** Files of other nodes, which come over NATS in pieces, as they are taken. */
import type {
  FolderFile,
  RecordingFolder,
} from "../recording/recording_folder.ts";
import type { StoredFile } from "../recording/recording_library.ts";
import { type Bus, BusError } from "./bus.ts";
import { jsonBytes, readJson } from "./json.ts";

/** A file as its node tells of it: plain data. */
export type FileFacts =
  & Pick<FolderFile, "name" | "size" | "tag" | "type" | "inode">
  & {
    /** Names and ids of the sessions that it may be of, where it was asked. */
    sessions: string[][];
  };

/** Most bytes of a piece. */
const PIECE_BYTES = 256 * 1024;
/** What a message has besides the bytes of a piece. */
const OVERHEAD_BYTES = 1024;
/** Longest wait for a piece, milliseconds. */
const PIECE_MS = 10_000;

/** What is asked for: so many bytes of a file from one on. */
interface PieceQuestion {
  name: string;
  inode: number;
  at: number;
  bytes: number;
}

/** The first byte of an answer. */
const ANSWER = { piece: 0, gone: 1 } as const;
const GONE = new Uint8Array([ANSWER.gone]);

/** Tells what there is of a file; nothing where there is none. */
export async function factsOf(
  folder: RecordingFolder,
  name: string,
  hasSessions: boolean,
): Promise<FileFacts | null> {
  using file = await folder.open(name);
  if (file === undefined) return null;
  const { size, tag, type, inode } = file;
  const sessions = hasSessions ? await file.sessions() : [];
  return { name, size, tag, type, inode, sessions };
}

/** Gives other nodes pieces of a folder's files, until it is disposed of. */
export function answerPieces(
  bus: Bus,
  subject: string,
  folder: RecordingFolder,
): Disposable {
  return bus.subscribe(subject, (bytes, respond) => {
    const { name = "", inode, at = -1, bytes: count = 0 } =
      readJson<PieceQuestion>(bytes) ?? {};
    const isRange = Number.isSafeInteger(at) && at >= 0 &&
      Number.isSafeInteger(count) && count > 0 && count <= PIECE_BYTES;
    if (!isRange || typeof name !== "string") return;
    const answer = async () => {
      using file = await folder.open(name);
      if (file === undefined || file.inode !== inode) return GONE;
      if (at + count > file.size) return GONE;
      const piece = new Uint8Array(1 + count);
      piece[0] = ANSWER.piece;
      let end = 1;
      for await (const part of file.parts(at, at + count)) {
        piece.set(part, end);
        end += part.length;
      }
      return piece;
    };
    void answer().catch(() => GONE).then(respond);
  });
}

/** Reads another node's file, a piece at a time. */
export function farFile(
  bus: Bus,
  subject: string,
  { name, size, tag, type, inode }: FileFacts,
  sessions: () => Promise<string[][]>,
): StoredFile {
  const most = Math.min(PIECE_BYTES, bus.maxPayload - OVERHEAD_BYTES);
  async function* parts(start: number, end: number) {
    for (let at = start; at < end;) {
      const bytes = Math.min(most, end - at);
      const question: PieceQuestion = { name, inode, at, bytes };
      const answer = await bus.request(subject, jsonBytes(question), PIECE_MS);
      const isPiece = answer[0] === ANSWER.piece && answer.length === 1 + bytes;
      if (!isPiece) throw new BusError(`${name} isn't there any more`);
      yield answer.subarray(1);
      at += bytes;
    }
  }
  return { name, size, tag, type, sessions, parts, [Symbol.dispose]() {} };
}
