/**
 * The Worker that decodes frames and writes them in other formats: that takes
 * too long for the thread that answers requests.
 *
 * @module
 */
import { FrameWriter } from "./convert_frame.ts";
import type {
  ConvertedMessage,
  ConvertMessage,
} from "./frame_converter_messages.ts";

/** The global scope of a Worker, as far as it is used. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ConvertMessage>) => void) | null;
  postMessage(message: ConvertedMessage, transfer: Transferable[]): void;
}

const scope = self as unknown as WorkerScope;
const writer = new FrameWriter();

scope.onmessage = ({ data }) => {
  try {
    // Not moved as they are: encoders reuse their buffers.
    const bytes = new Uint8Array(writer.write(data));
    scope.postMessage({ type: "converted", bytes }, [bytes.buffer]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ type: "impossible", message }, []);
  }
};

scope.postMessage({ type: "started" }, []);
