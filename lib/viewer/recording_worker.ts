/** Reads a recording, away from the page's thread. */
import { readMcap } from "../sources/bags/mcap/mcap_bag.ts";
import { CONSOLE_LOG } from "./console_log.ts";
import type {
  FromRecordingWorker,
  RecordedItem,
  ToRecordingWorker,
} from "./recording_messages.ts";
import { RecordingReader } from "./recording_reader.ts";
import { RemoteFile } from "./remote_file.ts";
import type { WorkerScope } from "./worker_messages.ts";

const scope = self as unknown as WorkerScope<
  ToRecordingWorker,
  FromRecordingWorker
>;

/** What the page was asked for. */
const asked = new Map<number, PromiseWithResolvers<Uint8Array<ArrayBuffer>>>();
let requests = 0;

let reader: RecordingReader | undefined;
let current = 0;
let reading = Promise.resolve();
/** How far the page wants to have it, and what tells of a change. */
let until = -Infinity;
let changed = Promise.withResolvers<void>();

scope.onmessage = ({ data }) => {
  switch (data.type) {
    case "open":
      void open(data).catch(fail);
      break;
    case "bytes":
      asked.get(data.request)?.resolve(data.bytes);
      asked.delete(data.request);
      break;
    case "no-bytes":
      asked.get(data.request)?.reject(new Error(data.why));
      asked.delete(data.request);
      break;
    case "seek":
      seek(data.run, data.from);
      break;
    case "until":
      until = data.until;
      tell();
      break;
  }
};

async function open(
  { name, size }: { name: string; size: number },
): Promise<void> {
  const file = new RemoteFile({ name, size, readBytes });
  const bag = await readMcap(file, CONSOLE_LOG);
  reader = await RecordingReader.open(bag, CONSOLE_LOG);
  scope.postMessage({ type: "opened", content: reader.content });
}

function readBytes(
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const request = ++requests;
  const answer = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  asked.set(request, answer);
  scope.postMessage({ type: "read", request, offset, length });
  return answer.promise;
}

/** Reads from another moment on, once what was read before has ended. */
function seek(run: number, from: number): void {
  current = run;
  until = from;
  tell();
  scope.postMessage({ type: "cancel" });
  for (const { reject } of asked.values()) reject(new Error("not wanted"));
  asked.clear();
  reading = reading.then(() => read(run, from)).catch((error) => {
    if (run === current) fail(error);
  });
}

async function read(run: number, from: number): Promise<void> {
  if (reader === undefined) return;
  const moment = reader.at(from);
  for await (const item of during(run, moment.clouds())) post(run, item);
  scope.postMessage({ type: "seen", run });
  for await (const item of during(run, moment.pictures())) post(run, item);
  for await (const { time, item } of during(run, moment.rest())) {
    const reached = () =>
      scope.postMessage({ type: "reached", run, time, isEnd: false });
    if (time > until) reached();
    while (run === current && time > until) await changed.promise;
    if (run !== current) return;
    post(run, item);
    reached();
  }
  const time = Math.max(from, reader.content.end);
  scope.postMessage({ type: "reached", run, time, isEnd: true });
}

/** Gives what is read, until something else is. */
async function* during<T>(run: number, items: AsyncIterable<T>) {
  if (run !== current) return;
  for await (const item of items) {
    if (run !== current) return;
    yield item;
  }
}

function post(run: number, item: RecordedItem): void {
  scope.postMessage({ type: "item", run, item }, [bufferOf(item)]);
}

function bufferOf(item: RecordedItem): ArrayBuffer {
  switch (item.kind) {
    case "cloud":
      return item.message.buffer;
    case "picture":
      return item.picture.data.buffer;
    case "sound":
      return item.sound.data.buffer;
  }
}

function tell(): void {
  changed.resolve();
  changed = Promise.withResolvers();
}

function fail(error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  scope.postMessage({ type: "failed", why });
}

scope.postMessage({ type: "ready" });
