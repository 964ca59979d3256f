/** Puts frames together and decodes them, away from the page's thread. */
import { PointsError } from "../points/errors.ts";
import { type EncodedFrame, joinParts } from "../wire/frame.ts";
import { FrameDecoders } from "../wire/frame_decoders.ts";
import { FrameReassembler } from "../wire/frame_reassembler.ts";
import { CloudPacker } from "./cloud_packer.ts";
import { RangeSampler } from "./ranges.ts";
import type {
  FromFramesWorker,
  ToFramesWorker,
  WorkerScope,
} from "./worker_messages.ts";

const scope = self as unknown as WorkerScope<ToFramesWorker, FromFramesWorker>;
const packer = new CloudPacker();
const sampler = new RangeSampler();
// Decoding waits its turn behind the messages that are here already, so that
// a worker that can't keep up decodes the newest frame and not every one.
const turn = new MessageChannel();

let stream = 0;
let decoders = new FrameDecoders();
let reassembler = createReassembler();
let newest: EncodedFrame | undefined;

turn.port1.onmessage = () => {
  const frame = newest;
  newest = undefined;
  if (frame !== undefined) show(frame);
};

scope.onmessage = ({ data }) => {
  switch (data.type) {
    case "reset":
      stream = data.stream;
      newest = undefined;
      decoders = new FrameDecoders();
      reassembler = createReassembler();
      break;
    case "fields":
      decoders.setFields(data.fields);
      break;
    case "message":
      reassembler.push(new Uint8Array(data.bytes));
      break;
    case "recycle":
      packer.recycle(data.values);
      break;
  }
};

function createReassembler(): FrameReassembler {
  return new FrameReassembler({
    onFrame(frame) {
      if (newest === undefined) turn.port2.postMessage(null);
      newest = frame;
    },
    onInvalid: ({ message }) =>
      scope.postMessage({ type: "invalid", why: message }),
  });
}

function show(encoded: EncodedFrame): void {
  const { frame, codec, captureTime } = encoded;
  try {
    const cloud = packer.pack(decoders.decode(codec, joinParts(encoded)));
    const { values, points, stride } = cloud;
    const ranges = sampler.sample(values, points, stride);
    scope.postMessage(
      { ...cloud, type: "cloud", stream, frame, codec, captureTime, ranges },
      [values.buffer],
    );
  } catch (error) {
    if (!(error instanceof PointsError)) throw error;
    scope.postMessage({ type: "invalid", why: error.message });
  }
}

scope.postMessage({ type: "ready" });
