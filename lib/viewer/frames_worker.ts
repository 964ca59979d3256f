/** Puts frames together and decodes them, away from the page's thread. */
import { PointsError } from "../points/errors.ts";
import { FramesPipeline } from "./frames_pipeline.ts";
import type {
  FromFramesWorker,
  ToFramesWorker,
  WorkerScope,
} from "./worker_messages.ts";

const scope = self as unknown as WorkerScope<ToFramesWorker, FromFramesWorker>;
// Decoding waits its turn behind the messages that are here already, so that
// a worker that can't keep up decodes the newest frames and not every one.
const turn = new MessageChannel();
const pipelines = new Map<number, FramesPipeline>();
/** Pipelines with something to do, each as often as it has: in turn. */
const waiting: FramesPipeline[] = [];
let serials = 0;

turn.port1.onmessage = () => {
  const pipeline = waiting.shift();
  passOverErrors(() => {
    const cloud = pipeline?.next();
    if (cloud === undefined) return;
    scope.postMessage(cloud, [cloud.positions.buffer]);
  });
};

scope.onmessage = ({ data }) => {
  switch (data.type) {
    case "begin": {
      const pipeline = pipelines.get(data.stream) ?? open(data.stream);
      pipeline.begin(data.isNew);
      break;
    }
    case "end":
      pipelines.delete(data.stream);
      break;
    case "layout":
      pipelines.get(data.stream)?.setLayout(data.layout);
      break;
    case "place":
      pipelines.get(data.stream)?.place(data.pose);
      break;
    case "message":
      pipelines.get(data.stream)?.push(data.bytes);
      break;
    case "color":
      pipelines.get(data.stream)?.color(data.choice, data.shown);
      break;
    case "pick":
      pick(data.serial, data.index, data.request);
      break;
    case "recycle":
      pipelines.get(data.stream)?.recycle(data.serial, data.buffer);
      break;
  }
};

function open(stream: number): FramesPipeline {
  const pipeline: FramesPipeline = new FramesPipeline(stream, {
    onReady() {
      waiting.push(pipeline);
      turn.port2.postMessage(null);
    },
    onInvalid,
    serial: () => ++serials,
  });
  pipelines.set(stream, pipeline);
  return pipeline;
}

function pick(serial: number, index: number, request: number): void {
  passOverErrors(() => {
    let point;
    for (const pipeline of pipelines.values()) {
      point ??= pipeline.describe(serial, index);
    }
    scope.postMessage({ type: "picked", request, point });
  });
}

function passOverErrors(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof PointsError)) throw error;
    onInvalid(error);
  }
}

function onInvalid({ message }: PointsError): void {
  scope.postMessage({ type: "invalid", why: message });
}

scope.postMessage({ type: "ready" });
