/** What the main thread and a Worker with sessions say to each other. */
import type { LogFormat, LogLevel } from "../log.ts";
import type { SessionSettings } from "../session/registry.ts";
import type { HostErrorCode } from "./host_error.ts";
import type { LocalHost } from "./local_host.ts";
import type { HostObserver } from "./session_host.ts";

/** What a Worker is started with, its first message: plain data. */
export interface WorkerSettings {
  /** How it logs. */
  log: { level: LogLevel; format: LogFormat };
  /** Settings of its sessions. */
  session?: SessionSettings;
  /** How many Workers there may be: the pool sets it. */
  workers?: number;
}

/**
 * The table: what a Worker can be asked for. Each is a method of the host in
 * it, whose arguments and result are plain data; a `MessagePort` is moved
 * there.
 */
export type CallName = Crossing<
  | "publish"
  | "watch"
  | "exportFeed"
  | "sessions"
  | "session"
  | "endSession"
  | "endWatcher"
  | "endMirror"
  | "drain"
  | "load"
  | "close"
>;

/** What each call is made with. */
export type CallArgs = { [N in CallName]: Parameters<LocalHost[N]> };

/** What each call gives back. */
export type CallResult = { [N in CallName]: Awaited<ReturnType<LocalHost[N]>> };

/** What answers the calls. */
export type Callee = {
  [N in CallName]: (
    ...args: CallArgs[N]
  ) => CallResult[N] | Promise<CallResult[N]>;
};

/** A call of the main thread's. */
export interface CallMessage<N extends CallName = CallName> {
  /** Names the reply. */
  number: number;
  call: N;
  args: CallArgs[N];
}

/** What happens in a Worker without being asked for. */
export type HostEvents = Required<Omit<HostObserver, "onFound">>;
export type EventName = keyof HostEvents;
type EventArgs = { [N in EventName]: Parameters<HostEvents[N]> };

/** Something that has happened in a Worker. */
export interface EventMessage<N extends EventName = EventName> {
  type: "event";
  event: N;
  args: EventArgs[N];
}

/** What a Worker says. */
export type WorkerMessage =
  /** It is up. */
  | { type: "started" }
  /** It can't come up. */
  | { type: "failed"; message: string }
  | { type: "result"; number: number; result: CallResult[CallName] }
  | { type: "error"; number: number; code?: HostErrorCode; message: string }
  | EventMessage;

/** Calls what an event is named after. */
export function dispatchEvent<N extends EventName>(
  events: { [K in EventName]: (...args: EventArgs[K]) => void },
  { event, args }: EventMessage<N>,
): void {
  events[event](...args);
}

/** `T` as it comes over: functions don't. */
type Carried<T> = T extends (...args: never) => unknown ? never
  : T extends MessagePort ? T
  : T extends object ? { [K in keyof T]: Carried<T[K]> }
  : T;

/**
 * Names of methods that can be called from another thread, and nothing else.
 */
type Crossing<N extends CrossingName> = N;
type CrossingName = {
  [N in keyof LocalHost]: LocalHost[N] extends (...args: infer A) => infer R
    ? [A, Awaited<R>] extends Carried<[A, Awaited<R>]> ? N : never
    : never;
}[keyof LocalHost];
