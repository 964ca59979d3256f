/** What the main thread and the Worker that records say to each other. */
import type { LogFormat, LogLevel } from "../log.ts";
import type { RecordingOptions } from "../recording/recording_options.ts";
import type { RecordingDesk } from "./recording_desk.ts";

/** What the Worker is started with, its first message: plain data. */
export interface RecordingSettings {
  /** How it logs. */
  log: { level: LogLevel; format: LogFormat };
  options: RecordingOptions;
}

/** What it can be asked for. */
export type DeskCall = keyof RecordingDesk;
export type DeskArgs = { [N in DeskCall]: Parameters<RecordingDesk[N]> };
export type DeskResult = {
  [N in DeskCall]: Awaited<ReturnType<RecordingDesk[N]>>;
};

/** A call of the main thread's. */
export interface DeskMessage<N extends DeskCall = DeskCall> {
  /** Names the reply. */
  number: number;
  call: N;
  args: DeskArgs[N];
}

/** Its reply. */
export type DeskReply =
  | { number: number; result: DeskResult[DeskCall] }
  | { number: number; error: string };

/** What answers the calls. */
export type DeskCallee = {
  [N in DeskCall]: (...args: DeskArgs[N]) => Promise<DeskResult[N]>;
};
