import type { Logger } from "../log.ts";
import type { MediaFrame } from "../media/frame.ts";
import { createFrameWriter, type FrameWriter } from "./frame_writer.ts";
import type { SessionEvents } from "../session/session.ts";

/**
 * Stores the received audio and video of every session: a file for each track,
 * named SESSION-TRACK, VP8 as `.ivf`, H.264 as `.h264`, Opus as `.ogg`.
 */
export class Recorder {
  readonly #folder: string;
  readonly #log: Logger;
  readonly #writers = new Map<string, Map<number, FrameWriter>>();

  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
    Deno.mkdirSync(folder, { recursive: true });
  }

  /** What a session registry takes to have its sessions recorded. */
  readonly hooks = {
    events: (id: string): SessionEvents => {
      const writers = new Map<number, FrameWriter>();
      return {
        onMediaFrame: (frame, track) => this.#write(id, writers, frame, track),
      };
    },
    onClosed: ({ id }: { id: string }) => void this.#finish(id),
  };

  /** Ends every file. */
  async close(): Promise<void> {
    await Promise.all([...this.#writers.keys()].map((id) => this.#finish(id)));
  }

  #write(
    id: string,
    writers: Map<number, FrameWriter>,
    frame: MediaFrame,
    track: number,
  ): void {
    let writer = writers.get(track);
    if (writer === undefined) {
      // Not before: an offer that can't be answered has no end to be told of.
      this.#writers.set(id, writers);
      const path = `${this.#folder}/${id}-${track}`;
      writer = createFrameWriter(path, frame.codec);
      writers.set(track, writer);
    }
    void writer.write(frame);
  }

  async #finish(id: string): Promise<void> {
    const writers = this.#writers.get(id);
    this.#writers.delete(id);
    for (const writer of writers?.values() ?? []) {
      await writer.close();
      this.#log.info("track recorded", { session: id, file: writer.path });
    }
  }
}
