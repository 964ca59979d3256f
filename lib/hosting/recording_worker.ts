/** The entry of the Worker that records; see `WorkerRecordingDesk`. */
import { LogThrottle } from "../limits/log_throttle.ts";
import { createLogger } from "../log.ts";
import { logUncaught } from "../log_uncaught.ts";
import { LocalRecordingDesk } from "./recording_desk.ts";
import type {
  DeskCall,
  DeskCallee,
  DeskMessage,
  DeskReply,
  RecordingSettings,
} from "./recording_messages.ts";

/** The global scope of a Worker, as far as it is used. */
interface WorkerScope {
  postMessage(message: DeskReply): void;
  onmessage:
    | ((event: MessageEvent<RecordingSettings>) => void)
    | ((event: MessageEvent<DeskMessage>) => void);
}

const scope = self as unknown as WorkerScope;

scope.onmessage = ({ data }: MessageEvent<RecordingSettings>) => {
  const log = createLogger(data.log);
  logUncaught(new LogThrottle(log));
  const desk = new LocalRecordingDesk(data.options, log);
  scope.onmessage = ({ data }: MessageEvent<DeskMessage>) =>
    void answer(desk, data);
};

async function answer<N extends DeskCall>(
  desk: DeskCallee,
  { number, call, args }: DeskMessage<N>,
): Promise<void> {
  try {
    const result = await desk[call](...args);
    scope.postMessage({ number, result });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ number, error: message });
  }
}
