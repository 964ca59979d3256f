/** The entry of a Worker in which sessions live; see `WorkerHost`. */
import { createLogger } from "../log.ts";
import { logUncaught } from "../log_uncaught.ts";
import { LocalHost } from "./local_host.ts";
import { HostError } from "./session_host.ts";
import type {
  CallMessage,
  CallName,
  WorkerCalls,
  WorkerMessage,
  WorkerSettings,
} from "./worker_messages.ts";

type Handlers = {
  [N in CallName]: (
    ...args: Parameters<WorkerCalls[N]>
  ) => Promise<ReturnType<WorkerCalls[N]>> | ReturnType<WorkerCalls[N]>;
};

/** The global scope of a Worker, as far as it is used. */
interface WorkerScope {
  postMessage(message: WorkerMessage): void;
  onmessage: ((event: MessageEvent<CallMessage>) => void) | null;
}

const scope = self as unknown as WorkerScope;
const host = Promise.withResolvers<LocalHost>();

function start({ log: logging, session, record }: WorkerSettings): void {
  const log = createLogger(logging);
  logUncaught(log);
  const local = new LocalHost({ log, session, record });
  local.subscribe({
    onConnected: (session) => scope.postMessage({ type: "connected", session }),
    onClosed: (session, reason, code) =>
      scope.postMessage({ type: "closed", session, reason, code }),
    onWatcherClosed: (watcher) =>
      scope.postMessage({ type: "watcherClosed", ...watcher }),
  });
  host.resolve(local);
}

const handlers: Handlers = {
  start,
  async publish(request) {
    const local = await host.promise;
    const answered = await local.publish(request);
    const session = await local.session(answered.id);
    scope.postMessage({ type: "made", session });
    return answered;
  },
  watch: async (request, mirror) => (await host.promise).watch(request, mirror),
  exportFeed: async (session, port) =>
    (await host.promise).exportFeed(session, port),
  sessions: async () => (await host.promise).sessions(),
  session: async (id) => (await host.promise).session(id),
  endSession: async (...how) => (await host.promise).endSession(...how),
  endWatcher: async (...how) => (await host.promise).endWatcher(...how),
  endMirror: async (...how) => (await host.promise).endMirror(...how),
  drain: async (...how) => (await host.promise).drain(...how),
  load: async () => (await host.promise).load,
  close: async (reason) => (await host.promise).close(reason),
};

scope.onmessage = async ({ data: { number, call, args } }) => {
  try {
    const handle = handlers[call] as (...args: unknown[]) => unknown;
    const result = await handle(...args);
    scope.postMessage({ type: "result", number, result });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof HostError ? error.code : undefined;
    scope.postMessage({ type: "error", number, code, message });
  }
};
