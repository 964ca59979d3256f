import type { Logger } from "../log.ts";
import type { MediaFrame } from "../media/frame.ts";
import { createFrameWriter, type FrameWriter } from "./frame_writer.ts";

/** One frame of a session's track. */
export interface TrackFrame {
  /** Id of the session. */
  session: string;
  /** Index of the track in the session. */
  track: number;
  frame: MediaFrame;
}

/**
 * Stores the received audio and video of every session: a file for each track,
 * named SESSION-TRACK, VP8, VP9 and AV1 as `.ivf`, H.264 as `.h264`, H.265 as
 * `.h265`, Opus as `.ogg`.
 */
export class TrackFiles {
  readonly #folder: string;
  readonly #log: Logger;
  /** By session and track. */
  readonly #writers = new Map<string, Map<number, FrameWriter>>();
  readonly #finishing = new Set<Promise<void>>();
  /** Those of which was said what is wrong. */
  readonly #told = new WeakSet<FrameWriter>();

  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
  }

  /**
   * Appends a frame to the file of its track, which begins with the first. What
   * is wrong is logged, once for each track.
   */
  record({ session, track, frame }: TrackFrame): void {
    const writer = this.#writerOf(session, track, frame);
    writer.write(frame).catch((error) => this.#tell(session, writer, error));
  }

  /** Ends the files of a session that is over. */
  finish(session: string): Promise<void> {
    const writers = [...this.#writers.get(session)?.values() ?? []];
    this.#writers.delete(session);
    const finished = Promise.all(
      writers.map((writer) => this.#close(session, writer)),
    ).then(() => void this.#finishing.delete(finished));
    this.#finishing.add(finished);
    return finished;
  }

  /** Ends every file. */
  async close(): Promise<void> {
    for (const session of [...this.#writers.keys()]) void this.finish(session);
    await Promise.all(this.#finishing);
  }

  #writerOf(session: string, track: number, first: MediaFrame): FrameWriter {
    let writers = this.#writers.get(session);
    if (writers === undefined) this.#writers.set(session, writers = new Map());
    let writer = writers.get(track);
    if (writer === undefined) {
      const path = `${this.#folder}/${session}-${track}`;
      writers.set(track, writer = createFrameWriter(path, first.codec));
    }
    return writer;
  }

  async #close(session: string, writer: FrameWriter): Promise<void> {
    try {
      await writer.close();
      this.#log.info("track recorded", { session, file: writer.path });
    } catch (error) {
      this.#tell(session, writer, error);
    }
  }

  #tell(session: string, writer: FrameWriter, error: unknown): void {
    if (this.#told.has(writer)) return;
    this.#told.add(writer);
    const fields = { session, file: writer.path, error };
    this.#log.error("track not recorded whole", fields);
  }
}
