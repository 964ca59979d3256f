import { areSameLayouts, type CloudLayout } from "../points/cloud.ts";
import { CODEC_TRAITS } from "../points/codec.ts";
import { XYZ_LAYOUT } from "../points/raw/codec.ts";
import { areSameOffsets, type ClockOffset } from "./clock_offset.ts";
import { type EncodedFrame, POINTS_PROTOCOL } from "./frame.ts";
import {
  type ClientMessage,
  fieldsMessage,
  type ServerMessage,
} from "./messages.ts";
import { ToldPlace } from "./stream_place.ts";

/** Knows what the reader of one stream has been told of its frames. */
export class FrameTexts {
  readonly #place = new ToldPlace();
  #clock: ClockOffset | undefined;
  #layout: CloudLayout = XYZ_LAYOUT;
  #hasBegun = false;

  /** Gives the messages that a frame takes before it, and takes note. */
  before(frame: EncodedFrame): (ServerMessage | ClientMessage)[] {
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
