/** A Worker that comes up, dies of PLY, and hangs at Cloudini. */
import { FrameWriter } from "../../lib/hosting/convert_frame.ts";
import type {
  ConvertedMessage,
  ConvertMessage,
} from "../../lib/hosting/frame_converter_messages.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<ConvertMessage>) => void;
  postMessage(message: ConvertedMessage): void;
};

scope.onmessage = ({ data }) => {
  const { target } = data;
  if (target === "ply") throw new Error("it died of PLY");
  if (target === "cloudini") return;
  const bytes = new Uint8Array(new FrameWriter().write(data));
  scope.postMessage({ type: "converted", bytes });
};

scope.postMessage({ type: "started" });
