/** Encoded pictures, decoded and shown at their time. */
import { videoCodecString } from "../media/codec_string.ts";
import { type EncodedPicture, PictureQueue } from "./picture_queue.ts";
import type { PlayoutClock } from "./playout_clock.ts";

export interface PictureDecoderOptions {
  /** Tells which picture is due. */
  clock: PlayoutClock;
  /** Called with when a picture was captured that is shown from now on. */
  onShown?(captureTime: number): void;
  /** Called when there is room for more pictures again. */
  onRoom?(): void;
  /** Called with why pictures can't be decoded, a clause. */
  onFailure(why: string): void;
}

/** Pictures that are decoded ahead: a decoder has memory for few. */
const MOST_DECODED = 4;

/**
 * Decodes the pictures of one stream, and shows each when it is due. Of those
 * that come too late the newest is shown.
 *
 * It needs a page that {@linkcode whyNoDecoder} says nothing of.
 */
export class PictureDecoder implements Disposable {
  /** Brings the pictures, as a `<video>` shows them. */
  readonly track: MediaStreamTrack;
  readonly #options: PictureDecoderOptions;
  readonly #canvas = document.createElement("canvas");
  readonly #context: CanvasRenderingContext2D | null;
  readonly #queue = new PictureQueue();
  #decoder: VideoDecoder | undefined;
  /** What the decoder is configured for. */
  #codec: string | undefined;
  #decoded: VideoFrame[] = [];
  #drawing: number | undefined;
  /** Pictures that came, and those that were decoded. */
  readonly counts = { received: 0, decoded: 0 };

  constructor(options: PictureDecoderOptions) {
    this.#options = options;
    // Of a canvas without a size no picture is captured.
    this.#canvas.width = this.#canvas.height = 0;
    this.#context = this.#canvas.getContext("2d", { alpha: false });
    [this.track] = this.#canvas.captureStream().getVideoTracks();
  }

  /** Whether who has more pictures at hand should give them. */
  get hasRoom(): boolean {
    return this.#queue.hasRoom;
  }

  /** Takes the next picture, in the order of decoding. */
  push(picture: EncodedPicture): void {
    this.counts.received++;
    this.#queue.push(picture);
    this.#feed();
  }

  /** Forgets what waits; what follows begins with a keyframe. */
  reset(): void {
    this.#queue.clear();
    this.#close();
  }

  [Symbol.dispose](): void {
    this.reset();
    this.track.stop();
  }

  #close(): void {
    if (this.#decoder?.state !== "closed") this.#decoder?.close();
    this.#decoder = undefined;
    this.#codec = undefined;
    for (const frame of this.#decoded.splice(0)) frame.close();
    if (this.#drawing !== undefined) cancelAnimationFrame(this.#drawing);
    this.#drawing = undefined;
  }

  /** Has as many decoded as are wanted ahead. */
  #feed(): void {
    const hadRoom = this.hasRoom;
    while (
      this.#decoded.length + (this.#decoder?.decodeQueueSize ?? 0) <
        MOST_DECODED
    ) {
      const picture = this.#queue.take(this.#options.clock.now());
      if (picture === undefined) break;
      this.#decode(picture);
    }
    if (!hadRoom && this.hasRoom) this.#options.onRoom?.();
    if (this.#decoded.length > 0 || this.#queue.length > 0) this.#draw();
  }

  #decode({ codec, isKeyframe, captureTime, data }: EncodedPicture): void {
    try {
      if (isKeyframe) this.#configure(videoCodecString(codec, data));
      this.#decoder?.decode(
        new EncodedVideoChunk({
          type: isKeyframe ? "key" : "delta",
          timestamp: Math.round(captureTime * 1000),
          data,
        }),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  #configure(codec: string): void {
    if (codec === this.#codec) return;
    this.#decoder ??= this.#create();
    this.#decoder.configure({ codec, optimizeForLatency: true });
    this.#codec = codec;
  }

  #create(): VideoDecoder {
    const decoder = new VideoDecoder({
      output: (frame) => {
        if (this.#decoder !== decoder) return frame.close();
        this.counts.decoded++;
        this.#decoded.push(frame);
        this.#draw();
      },
      error: (error) => {
        if (this.#decoder === decoder) this.#fail(error);
      },
    });
    decoder.addEventListener("dequeue", () => this.#feed());
    return decoder;
  }

  /** Goes on at the next keyframe. */
  #fail(error: unknown): void {
    const codec = this.#codec;
    this.reset();
    const { message } = error as Error;
    this.#options.onFailure(
      codec === undefined ? message : `of ${codec}: ${message}`,
    );
  }

  /** Draws what is due with the next picture of the screen. */
  #draw(): void {
    this.#drawing ??= requestAnimationFrame(() => {
      this.#drawing = undefined;
      this.#show();
      this.#feed();
    });
  }

  #show(): void {
    const now = this.#options.clock.now() ?? Infinity;
    const due = this.#decoded.findLastIndex(({ timestamp }) =>
      timestamp / 1000 <= now
    );
    for (const [i, frame] of this.#decoded.splice(0, due + 1).entries()) {
      if (i === due) this.#paint(frame);
      frame.close();
    }
  }

  #paint(frame: VideoFrame): void {
    const { displayWidth: width, displayHeight: height } = frame;
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      Object.assign(this.#canvas, { width, height });
    }
    this.#context?.drawImage(frame, 0, 0, width, height);
    this.#options.onShown?.(frame.timestamp / 1000);
  }
}
