/** What the main thread and a Worker with sessions say to each other. */
import type { LogFormat, LogLevel } from "../log.ts";
import type { ByeCode } from "../wire/messages.ts";
import type { SessionSettings } from "../session/registry.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import type {
  Answered,
  ClosedWatcher,
  HostErrorCode,
  PublishRequest,
  WatchRequest,
} from "./session_host.ts";

/** What a Worker is started with: plain data. */
export interface WorkerSettings {
  /** How it logs. */
  log: { level: LogLevel; format: LogFormat };
  /** Settings of its sessions. */
  session?: SessionSettings;
  /** Folder that received audio and video is stored in. */
  record?: string;
}

/** How busy a Worker is. */
export interface WorkerLoad {
  sessions: number;
  watchers: number;
  /** Received from publishers, bytes so far. */
  bytes: number;
}

/** What a Worker can be asked for, by name. */
export interface WorkerCalls {
  start(settings: WorkerSettings): void;
  publish(request: PublishRequest): Answered;
  /** `mirror` is where the feed comes from, of a session that lives elsewhere. */
  watch(request: WatchRequest, mirror?: MessagePort): Answered;
  /** Hands a session's feed to another Worker. */
  exportFeed(session: string, port: MessagePort): void;
  sessions(): SessionSnapshot[];
  session(id: string): SessionSnapshot;
  endSession(id: string, reason: string, code: ByeCode): void;
  endWatcher(session: string, id: string, reason: string): void;
  /** The Worker of a session that is watched here is gone. */
  endMirror(session: string, reason: string): void;
  drain(reason: string, seconds: number): void;
  load(): WorkerLoad;
  close(reason: string): void;
}

export type CallName = keyof WorkerCalls;

/** A call of the main thread's. */
export interface CallMessage<N extends CallName = CallName> {
  /** Names the reply. */
  number: number;
  call: N;
  args: Parameters<WorkerCalls[N]>;
}

/** A Worker's reply to a call, or what happened in it. */
export type WorkerMessage =
  | { type: "result"; number: number; result: unknown }
  | { type: "error"; number: number; code?: HostErrorCode; message: string }
  /** A session was made, and may connect. */
  | { type: "made"; session: SessionSnapshot }
  | { type: "connected"; session: SessionSnapshot }
  | ({ type: "watcherClosed" } & ClosedWatcher)
  | {
    type: "closed";
    session: SessionSnapshot;
    reason: string;
    code: ByeCode;
  };
