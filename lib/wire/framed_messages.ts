/**
 * The messages of a `pointwire.v1` channel in a stream of bytes, such as a body
 * of HTTP: each after its number of bytes, a little-endian uint32. A text
 * message begins with `{`, a binary one with its version, 1; a frame is one
 * message.
 */
import { areSameLayouts, type CloudLayout } from "../points/cloud.ts";
import { CODEC_TRAITS } from "../points/codec.ts";
import { XYZ_LAYOUT } from "../points/raw/codec.ts";
import { areSameOffsets, type ClockOffset } from "./clock_offset.ts";
import {
  type EncodedFrame,
  FRAME_HEADER_BYTES,
  POINTS_PROTOCOL,
  writeChunkHeader,
} from "./frame.ts";
import {
  type ClientMessage,
  fieldsMessage,
  type ServerMessage,
} from "./messages.ts";
import { ToldPlace } from "./stream_place.ts";

/** The media type of such a stream of bytes. */
export const FRAMES_MEDIA_TYPE = "application/vnd.pointwire.frames";

/** Bytes of the number before each message. */
export const LENGTH_BYTES = 4;

/** Writes the frames of one stream, each with what has to be known of it. */
export class FramesWriter {
  readonly #place = new ToldPlace();
  #clock: ClockOffset | undefined;
  #layout: CloudLayout = XYZ_LAYOUT;
  #hasBegun = false;

  /** Writes a frame after the text messages that it takes. */
  write(frame: EncodedFrame): Uint8Array<ArrayBuffer> {
    const { bytes } = frame;
    const texts = this.#textsFor(frame).map((message) =>
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

  #textsFor(frame: EncodedFrame): (ServerMessage | ClientMessage)[] {
    const { stream: name, codec, place = {}, clock } = frame;
    const texts: (ServerMessage | ClientMessage)[] = [];
    if (!this.#hasBegun) {
      texts.push({ type: "hello", protocol: POINTS_PROTOCOL });
    }
    if (this.#place.isNews(place) || !this.#hasBegun) {
      texts.push({ type: "stream", name, ...place });
    }
    if (clock !== undefined && !areSameOffsets(clock, this.#clock)) {
      this.#clock = clock;
      texts.push({ type: "clock", ...clock });
    }
    if (
      !CODEC_TRAITS[codec].namesFields && !areSameLayouts(frame, this.#layout)
    ) {
      this.#layout = frame;
      texts.push(fieldsMessage(frame));
    }
    this.#hasBegun = true;
    return texts;
  }
}
