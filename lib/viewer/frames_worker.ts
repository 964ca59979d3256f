/** Puts frames together and decodes them, away from the page's thread. */
import { PointsError } from "../points/errors.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { FrameReader } from "../wire/frame_reader.ts";
import { FrameReassembler } from "../wire/frame_reassembler.ts";
import { CloudPacker } from "./cloud_packer.ts";
import { describePoint } from "./point_values.ts";
import type {
  FromFramesWorker,
  ToFramesWorker,
  WorkerScope,
} from "./worker_messages.ts";

const scope = self as unknown as WorkerScope<ToFramesWorker, FromFramesWorker>;
const packer = new CloudPacker();
// Decoding waits its turn behind the messages that are here already, so that
// a worker that can't keep up decodes the newest frame and not every one.
const turn = new MessageChannel();
/** The frames of the clouds that the page has, as they came. */
const frames = new Map<number, EncodedFrame>();

let stream = 0;
let serial = 0;
let reader = createReader();
let reassembler = createReassembler();
let newest: EncodedFrame | undefined;

turn.port1.onmessage = () => {
  const frame = newest;
  newest = undefined;
  if (frame !== undefined) show(frame, false);
};

scope.onmessage = ({ data }) => {
  switch (data.type) {
    case "reset":
      stream = data.stream;
      newest = undefined;
      reader = createReader();
      reassembler = createReassembler();
      if (data.isNew) packer.reset();
      break;
    case "layout":
      reader.setLayout(data.layout);
      break;
    case "message":
      reassembler.push(new Uint8Array(data.bytes));
      break;
    case "color": {
      packer.choice = data.choice;
      const frame = frames.get(data.shown ?? -1);
      if (frame !== undefined) show(frame, true);
      break;
    }
    case "pick":
      pick(data.serial, data.index, data.request);
      break;
    case "recycle":
      frames.delete(data.serial);
      packer.recycle(data.buffer);
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

function show(frame: EncodedFrame, isAgain: boolean): void {
  const { number, codec, captureTime, fields, stride } = frame;
  try {
    const cloud = packer.pack(reader.decode(frame));
    frames.set(++serial, frame);
    scope.postMessage(
      {
        ...{ ...cloud, type: "cloud", stream, serial, isAgain },
        ...{ number, codec, captureTime, fields, stride },
      },
      [cloud.positions.buffer],
    );
  } catch (error) {
    passOver(error);
  }
}

function pick(serial: number, index: number, request: number): void {
  const frame = frames.get(serial);
  try {
    const point = frame && describePoint(reader.decode(frame), index);
    scope.postMessage({ type: "picked", request, point });
  } catch (error) {
    passOver(error);
  }
}

function passOver(error: unknown): void {
  if (!(error instanceof PointsError)) throw error;
  scope.postMessage({ type: "invalid", why: error.message });
}

scope.postMessage({ type: "ready" });
