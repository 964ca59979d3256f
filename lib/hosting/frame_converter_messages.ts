/** What a converter and its Worker say to each other. */
import type { Selection } from "../points/select.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import type { FrameTarget } from "./frame_targets.ts";

/** What the Worker is asked for, one after the other. */
export interface ConvertMessage {
  frame: EncodedFrame;
  target: FrameTarget;
  /** The part of its cloud that is wanted. @default {all of it} */
  selection?: Selection;
}

/** What it says: that it is up, and then an answer to each. */
export type ConvertedMessage =
  | { type: "started" }
  | { type: "converted"; bytes: Uint8Array<ArrayBuffer> }
  | { type: "impossible"; message: string };
