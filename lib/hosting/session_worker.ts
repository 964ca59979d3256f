/** The entry of a Worker in which sessions live; see `WorkerHost`. */
import { LogThrottle } from "../limits/log_throttle.ts";
import { createLogger } from "../log.ts";
import { logUncaught } from "../log_uncaught.ts";
import { HostError } from "./host_error.ts";
import { LocalHost } from "./local_host.ts";
import type {
  Callee,
  CallMessage,
  CallName,
  EventMessage,
  EventName,
  HostEvents,
  WorkerMessage,
  WorkerSettings,
} from "./worker_messages.ts";

/** The global scope of a Worker, as far as it is used. */
interface WorkerScope {
  postMessage(message: WorkerMessage): void;
  onmessage:
    | ((event: MessageEvent<WorkerSettings>) => void)
    | ((event: MessageEvent<CallMessage>) => void);
}

const scope = self as unknown as WorkerScope;

scope.onmessage = ({ data: settings }: MessageEvent<WorkerSettings>) => {
  try {
    const host = openHost(settings);
    scope.onmessage = ({ data }: MessageEvent<CallMessage>) =>
      void answer(host, data);
    scope.postMessage({ type: "started" });
  } catch (error) {
    scope.postMessage({ type: "failed", message: messageOf(error) });
  }
};

function openHost(
  { log: logging, session, workers }: WorkerSettings,
): LocalHost {
  const log = createLogger(logging);
  const host = new LocalHost({ log, session, workers });
  logUncaught(new LogThrottle(log));
  const events: HostEvents = {
    onAnswered: (...args) => post("onAnswered", args),
    onConnected: (...args) => post("onConnected", args),
    onClosed: (...args) => post("onClosed", args),
    onWatcherClosed: (...args) => post("onWatcherClosed", args),
  };
  host.subscribe(events);
  return host;
}

function post<N extends EventName>(
  event: N,
  args: EventMessage<N>["args"],
): void {
  scope.postMessage({ type: "event", event, args });
}

async function answer<N extends CallName>(
  host: Callee,
  { number, call, args }: CallMessage<N>,
): Promise<void> {
  try {
    const result = await host[call](...args);
    scope.postMessage({ type: "result", number, result });
  } catch (error) {
    const message = messageOf(error);
    const code = error instanceof HostError ? error.code : undefined;
    scope.postMessage({ type: "error", number, code, message });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
