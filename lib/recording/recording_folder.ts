import { PendingLists } from "./pending_lists.ts";
import { recordedFile } from "./recorded_files.ts";
import type {
  ListQuery,
  RecordingLibrary,
  RecordingPage,
  StoredFile,
} from "./recording_library.ts";
import { RecordingList } from "./recording_list.ts";

/** Bytes of a file that are read at a time. */
const PART_BYTES = 256 * 1024;

/** A file that is open, and which one it is, also after it was closed. */
export interface FolderFile extends StoredFile {
  /** The file's number in its file system. */
  inode: number;
}

/** The recordings in a folder. */
export class RecordingFolder implements RecordingLibrary {
  /** It has a place for them. */
  readonly isThere = true;
  readonly #folder: string;
  readonly #list: RecordingList;
  readonly #lists = new PendingLists((query) => this.#page(query));
  readonly #isRecorded: (id: string) => boolean;

  /** @param isRecorded tells whether a session is recorded just now. */
  constructor(folder: string, isRecorded: (id: string) => boolean) {
    this.#folder = folder;
    this.#list = new RecordingList(folder);
    this.#isRecorded = isRecorded;
  }

  /**
   * Lists recordings, the newest first.
   *
   * @throws {LimitError} where too many lists are asked for.
   */
  list(query: ListQuery): Promise<RecordingPage> {
    return this.#lists.list(query);
  }

  async #page(query: ListQuery): Promise<RecordingPage> {
    const { recordings, next } = await this.#list.list(query);
    return {
      recordings: recordings.map(({ at, recording }) => {
        const { isComplete, id } = recording;
        const isWriting = !isComplete && id !== null && this.#isRecorded(id);
        return { at, recording: { ...recording, isWriting } };
      }),
      next,
    };
  }

  /** Opens a file of the folder itself, no link to another. */
  async open(name: string): Promise<FolderFile | undefined> {
    const called = recordedFile(name);
    if (called === undefined) return undefined;
    const path = `${this.#folder}/${name}`;
    try {
      const there = await Deno.lstat(path);
      if (!there.isFile) return undefined;
      const file = await Deno.open(path);
      const { size, mtime, ino } = await file.stat();
      if (ino === there.ino) {
        return {
          ...{ name, size, type: called.type, inode: ino ?? 0 },
          tag: `"${size.toString(36)}-${mtime?.getTime().toString(36)}"`,
          sessions: () => this.#list.sessionsOf(called),
          parts: (start, end) => partsOf(file, start, end),
          [Symbol.dispose]: () => file.close(),
        };
      }
      file.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

async function* partsOf(
  file: Deno.FsFile,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void, void> {
  await file.seek(start, Deno.SeekMode.Start);
  for (let at = start; at < end;) {
    const part = new Uint8Array(Math.min(PART_BYTES, end - at));
    const count = await file.read(part);
    if (count === null) throw new Error("The file became shorter");
    yield part.subarray(0, count);
    at += count;
  }
}
