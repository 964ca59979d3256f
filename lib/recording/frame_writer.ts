import { countBytes } from "../points/join_bytes.ts";
import type { MediaCodec, MediaFrame } from "../media/frame.ts";
import { DecodableFrames } from "./decodable.ts";
import { cannotRecord, type RecordingError } from "./errors.ts";
import { GrowingFile } from "./growing_file.ts";
import { ivfFrameHeader, type IvfHeader, ivfHeader } from "./ivf.ts";
import { OggOpusWriter } from "./ogg_opus.ts";
import { OPUS_SAMPLE_RATE, opusSamples } from "../media/opus.ts";

/** Writes the frames of one track into a file. */
export interface FrameWriter extends AsyncDisposable {
  /** The file. It is created with the first frame that is written. */
  readonly path: string;
  /**
   * Writes a frame after those before it. Video is left out where it can't be
   * decoded: before the first keyframe, and after something was lost until the
   * next one, for 10 seconds at the most. The promise can be ignored:
   * {@linkcode close} throws its error too.
   *
   * Where the file can't be opened or written it is closed, with the frames
   * that are whole in it, and takes no more.
   *
   * @throws {TypeError} where the frame is of another codec, or the writer
   * closed.
   * @throws {RangeError} where the data of an opus frame is no Opus packet.
   * @throws {RecordingError} why the file can't be written, now or earlier.
   */
  write(frame: MediaFrame): Promise<void>;
  /**
   * Completes the file after all frames were written. Doing it again is
   * harmless.
   *
   * @throws {RecordingError} why the file could not be written whole.
   */
  close(): Promise<void>;
}

/**
 * Makes a writer that stores frames in the container that fits their codec:
 * VP8, VP9 and AV1 as `.ivf`, with RTP timestamps counted from the first frame;
 * H264 as `.h264` and H265 as `.h265`, the Annex B byte stream as it is; opus
 * as `.ogg`, where up to a minute of missing sound is marked as lost.
 *
 * @param pathWithoutExtension the file's path; a file that is there is
 * replaced.
 *
 * @example
 * ```ts
 * import { createFrameWriter } from "./frame_writer.ts";
 *
 * const writer = createFrameWriter("video", "VP8");
 * console.assert(writer.path === "video.ivf");
 * await writer.close();
 * ```
 */
export function createFrameWriter(
  pathWithoutExtension: string,
  codec: MediaCodec,
): FrameWriter {
  const container = CONTAINERS[codec]();
  return new FileWriter(pathWithoutExtension, codec, container);
}

/** What a container makes of frames; it does no I/O. */
interface Container {
  extension: string;
  /** Bytes to append for a frame. */
  add(frame: MediaFrame): Uint8Array[];
  /** Bytes to append at the end. */
  end(): Uint8Array[];
  /** What takes the place of the file's start, with so many frames in it. */
  finalHeader?(frames: number): Uint8Array;
}

const CONTAINERS: Record<MediaCodec, () => Container> = {
  VP8: () => ivfContainer("VP8"),
  VP9: () => ivfContainer("VP9"),
  H264: () => byteStream("h264"),
  H265: () => byteStream("h265"),
  AV1: () => ivfContainer("AV1"),
  opus: oggContainer,
};

/** Frames that tell themselves where they begin, one after the other. */
function byteStream(extension: string): Container {
  return { extension, add: ({ data }) => [data], end: () => [] };
}

function ivfContainer(codec: IvfHeader["codec"]): Container {
  let first: MediaFrame | undefined;
  let last = 0;
  let ticks = 0;
  const header = (frames: number) =>
    ivfHeader({
      codec,
      width: first?.width ?? 0,
      height: first?.height ?? 0,
      frames,
    });
  return {
    extension: "ivf",
    add(frame) {
      const start = first ? [] : [header(0)];
      if (first) {
        const step = (frame.timestamp - last) | 0;
        // A sender that set its clock back goes on from where it was.
        ticks += step > 0 ? step : 1;
      }
      first ??= frame;
      last = frame.timestamp;
      return [...start, ivfFrameHeader(frame.data.length, ticks), frame.data];
    },
    end: () => [],
    finalHeader: header,
  };
}

/** Longest gap that is filled; longer ones are left out. */
const MAX_CONCEALED_SAMPLES = 60 * OPUS_SAMPLE_RATE;

function oggContainer(): Container {
  const writer = new OggOpusWriter();
  let due: number | undefined;
  return {
    extension: "ogg",
    add({ timestamp, data }) {
      const pages = due === undefined ? writer.header() : [];
      const gap = due === undefined ? 0 : (timestamp - due) | 0;
      if (gap > 0 && gap <= MAX_CONCEALED_SAMPLES) {
        pages.push(...writer.conceal(gap));
      }
      pages.push(...writer.write(data));
      due = timestamp + (opusSamples(data) ?? 0);
      return pages;
    },
    end: () => writer.close(),
  };
}

/** Most that waits for the disk, bytes: it stands still then. */
const MAX_WAITING_BYTES = 64 * 2 ** 20;

class FileWriter implements FrameWriter {
  readonly path: string;
  readonly #codec: MediaCodec;
  readonly #container: Container;
  #file: Promise<GrowingFile> | undefined;
  /** Frames that are whole in the file. */
  #frames = 0;
  #waitingBytes = 0;
  /**
   * Settles when all so far is done; rejects with the first error, for good.
   */
  #done: Promise<void> = Promise.resolve();
  #failure: RecordingError | undefined;
  #closing: Promise<void> | undefined;
  readonly #decodable = new DecodableFrames();

  constructor(path: string, codec: MediaCodec, container: Container) {
    this.path = `${path}.${container.extension}`;
    this.#codec = codec;
    this.#container = container;
  }

  write(frame: MediaFrame): Promise<void> {
    const { codec } = frame;
    if (this.#closing) {
      return Promise.reject(new TypeError(`${this.path} is closed`));
    }
    if (codec !== this.#codec) {
      const message = `Cannot write ${codec} to ${this.path}`;
      return Promise.reject(new TypeError(message));
    }
    if (this.#failure) return Promise.reject(this.#failure);
    if (!this.#decodable.takes(frame)) return Promise.resolve();
    try {
      const parts = this.#container.add(frame);
      this.#file ??= GrowingFile.create(this.path);
      return this.#append(parts, 1);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Appends what a container made of so many frames. */
  #append(parts: Uint8Array[], frames: number): Promise<void> {
    const bytes = countBytes(parts);
    if (this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      throw this.#fail(new Error("the disk takes nothing"));
    }
    this.#waitingBytes += bytes;
    return this.#after(async () => {
      await (await this.#file!).append(parts);
      this.#frames += frames;
      this.#waitingBytes -= bytes;
    });
  }

  /** Does something after all before it, unless that failed. */
  #after(action: () => Promise<void>): Promise<void> {
    this.#done = this.#done.then(() => {
      if (this.#failure) throw this.#failure;
      return action();
    }).catch((error) => {
      throw this.#fail(error);
    });
    // close() reports what an ignored promise hides.
    this.#done.catch(() => {});
    return this.#done;
  }

  /** Ends the file at the first error, which it returns. */
  #fail(cause: unknown): RecordingError {
    if (this.#failure) return this.#failure;
    this.#failure = cannotRecord(this.path, cause);
    // A write may be under way.
    this.#done = this.#done.catch(() => {}).then(async () => {
      const file = await this.#file?.catch(() => undefined);
      await file?.salvage(this.#container.finalHeader?.(this.#frames));
      throw this.#failure;
    });
    this.#done.catch(() => {});
    return this.#failure;
  }

  async #close(): Promise<void> {
    if (!this.#file) return;
    void this.#after(async () => {
      const file = await this.#file!;
      await file.append(this.#container.end());
      await file.finish(this.#container.finalHeader?.(this.#frames));
    });
    await this.#done.catch(() => {});
    // What an error had to be done for is done by then, too.
    await this.#done;
  }
}
