/**
 * The messages of a `pointwire.v1` channel in a stream of bytes, such as a body
 * of HTTP: each after its number of bytes, a little-endian uint32. A text
 * message begins with `{`, a binary one with its version, 1; a frame is one
 * message.
 */
import {
  type EncodedFrame,
  FRAME_HEADER_BYTES,
  writeChunkHeader,
} from "./frame.ts";
import { FrameTexts } from "./frame_texts.ts";

/** The media type of such a stream of bytes. */
export const FRAMES_MEDIA_TYPE = "application/vnd.pointwire.frames";

/** Bytes of the number before each message. */
export const LENGTH_BYTES = 4;

/** Writes the frames of one stream, each with what has to be known of it. */
export class FramesWriter {
  readonly #texts = new FrameTexts();

  /** Writes a frame after the text messages that it takes. */
  write(frame: EncodedFrame): Uint8Array<ArrayBuffer> {
    const { bytes } = frame;
    const texts = this.#texts.before(frame).map((message) =>
      new TextEncoder().encode(JSON.stringify(message))
    );
    const messageBytes = FRAME_HEADER_BYTES + bytes.length;
    const textBytes = texts.reduce(
      (sum, { length }) => sum + LENGTH_BYTES + length,
      0,
    );
    const written = new Uint8Array(textBytes + LENGTH_BYTES + messageBytes);
    const view = new DataView(written.buffer);
    let at = 0;
    for (const text of texts) {
      view.setUint32(at, text.length, true);
      written.set(text, at + LENGTH_BYTES);
      at += LENGTH_BYTES + text.length;
    }
    view.setUint32(at, messageBytes, true);
    const message = written.subarray(at + LENGTH_BYTES);
    writeChunkHeader(message, { ...frame, chunk: 0, chunks: 1 });
    message.set(bytes, FRAME_HEADER_BYTES);
    return written;
  }
}
