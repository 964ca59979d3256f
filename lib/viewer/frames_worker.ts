/** Puts frames together and decodes them, away from the page's thread. */
import { PointsError } from "../points/errors.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { FrameReader } from "../wire/frame_reader.ts";
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
let reader = createReader();
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
      reader = createReader();
      reassembler = createReassembler();
      break;
    case "fields":
      reader.setFields(data.fields);
      break;
    case "message":
      reassembler.push(new Uint8Array(data.bytes));
      break;
    case "recycle":
      packer.recycle(data.values);
      break;
  }
};

function createReader(): FrameReader {
  return new FrameReader("points");
}

function createReassembler(): FrameReassembler {
  return new FrameReassembler({
    onFrame(info, bytes) {
      const frame = reader.read(info, bytes);
      if (newest === undefined) turn.port2.postMessage(null);
      newest = frame;
    },
    onInvalid: ({ message }) =>
      scope.postMessage({ type: "invalid", why: message }),
  });
}

function show(frame: EncodedFrame): void {
  const { number, codec, captureTime } = frame;
  try {
    const cloud = packer.pack(reader.decode(frame));
    const { values, points, stride } = cloud;
    const ranges = sampler.sample(values, points, stride);
    scope.postMessage(
      { ...cloud, type: "cloud", stream, number, codec, captureTime, ranges },
      [values.buffer],
    );
  } catch (error) {
    if (!(error instanceof PointsError)) throw error;
    scope.postMessage({ type: "invalid", why: error.message });
  }
}

scope.postMessage({ type: "ready" });
