/**
 * The Worker that decodes frames and writes them in other formats: that takes
 * too long for the thread that answers requests.
 *
 * @module
 */
import type { EncodedFrame } from "../wire/frame.ts";
import { type FrameTarget, FrameWriter } from "./convert_frame.ts";

/** What the Worker is asked for, one after the other. */
export interface ConvertMessage {
  frame: EncodedFrame;
  target: FrameTarget;
}

/** What it says: that it is up, and then an answer to each. */
export type ConvertedMessage =
  | { type: "started" }
  | { type: "converted"; bytes: Uint8Array<ArrayBuffer> }
  | { type: "impossible"; message: string };

/** The global scope of a Worker, as far as it is used. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ConvertMessage>) => void) | null;
  postMessage(message: ConvertedMessage, transfer: Transferable[]): void;
}

const scope = self as unknown as WorkerScope;
const writer = new FrameWriter();

scope.onmessage = ({ data: { frame, target } }) => {
  try {
    // Not moved as they are: encoders reuse their buffers.
    const bytes = new Uint8Array(writer.write(frame, target));
    scope.postMessage({ type: "converted", bytes }, [bytes.buffer]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ type: "impossible", message }, []);
  }
};

scope.postMessage({ type: "started" }, []);
