/** What nodes ask each other: a name and plain data there, and one answer. */
import { HOST_ERROR_CODES, HostError } from "../hosting/host_error.ts";
import { RecordingError } from "../recording/errors.ts";
import type { RecordingPage } from "../recording/recording_library.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import type { ByeCode } from "../wire/messages.ts";
import { type Bus, BusError } from "./bus.ts";
import type { FileFacts } from "./far_files.ts";
import { jsonBytes, readJson } from "./json.ts";

/** Some sessions of a node, and where the next begin, where there are more. */
export interface SessionPage {
  sessions: KnownSession[];
  next?: number;
}

/** A session, and who published it, where callers are known. */
export interface KnownSession {
  session: SessionSnapshot;
  caller?: string;
}

/** What a node can be asked for. */
export type NodeCalls = {
  sessions(from: number): Promise<SessionPage>;
  session(id: string): Promise<SessionSnapshot>;
  endSession(id: string, reason: string, code: ByeCode): Promise<void>;
  endWatcher(session: string, id: string, reason: string): Promise<void>;
  /** Has the feed of a session sent over a link that the asking node made. */
  openFeed(session: string, link: string, isDirect: boolean): Promise<void>;
  /**
   * Tells whether a name is free for a session of another node, and keeps it
   * free for a moment.
   */
  claim(name: string, by: string, resumes: string | null): Promise<boolean>;
  startRecording(id: string): Promise<void>;
  stopRecording(id: string): Promise<boolean>;
  /** @param query a `ListQuery`, in JSON. */
  listRecordings(query: string): Promise<RecordingPage>;
  findRecording(name: string, hasSessions: boolean): Promise<FileFacts | null>;
};

type Name = keyof NodeCalls;

interface Question {
  call: string;
  args: unknown[];
}

type ErrorKind = "host" | "recording" | "other";

/** An error, as another node tells of it. */
export interface AnsweredError {
  kind: ErrorKind;
  code?: string;
  message: string;
}

interface Answer {
  result?: unknown;
  error?: AnsweredError;
}

/** Longest wait for an answer, milliseconds. */
const ANSWER_MS = 3_000;
/** The same where many files are to be read for it. */
const LIST_MS = 10_000;
/** Most arguments of a call. */
const MAX_ARGS = 3;

/** Answers what other nodes ask, until it is disposed of. */
export function answerCalls(
  bus: Bus,
  subject: string,
  calls: NodeCalls,
): Disposable {
  // A name from outside is looked up in a Map alone.
  const known = new Map(Object.entries(calls)) as Map<
    string,
    (...args: unknown[]) => Promise<unknown>
  >;
  return bus.subscribe(subject, (bytes, respond) => {
    const { call = "", args = [] } = readJson<Question>(bytes) ?? {};
    const answer = known.get(call);
    if (answer === undefined || !arePlain(args)) return;
    void answer(...args).then(
      (result) => respond(jsonBytes({ result } satisfies Answer)),
      (error) => respond(jsonBytes({ error: describe(error) })),
    );
  });
}

/**
 * Asks a node.
 *
 * @throws {HostError} or {@linkcode RecordingError}, as it was thrown there;
 * `no-node` where no answer comes.
 */
export async function callNode<N extends Name>(
  bus: Bus,
  subject: string,
  call: N,
  ...args: Parameters<NodeCalls[N]>
): Promise<Awaited<ReturnType<NodeCalls[N]>>> {
  const question = jsonBytes({ call, args } satisfies Question);
  const ms = call === "listRecordings" ? LIST_MS : ANSWER_MS;
  const bytes = await askNode(bus, subject, question, ms);
  const { result, error } = readJson<Answer>(bytes) ?? {};
  if (error !== undefined) throw errorOf(error);
  return result as Awaited<ReturnType<NodeCalls[N]>>;
}

/**
 * Asks a node something in bytes.
 *
 * @throws {HostError} `no-node` where no answer comes.
 */
export async function askNode(
  bus: Bus,
  subject: string,
  question: Uint8Array,
  timeoutMs: number,
): Promise<Uint8Array> {
  try {
    return await bus.request(subject, question, timeoutMs);
  } catch (cause) {
    if (!(cause instanceof BusError)) throw cause;
    const why = `The session's node does not answer: ${cause.message}`;
    throw new HostError("no-node", why, { cause });
  }
}

function arePlain(args: unknown): args is unknown[] {
  return Array.isArray(args) && args.length <= MAX_ARGS &&
    args.every((arg) => typeof arg !== "object" || arg === null);
}

/** Says what another node is to throw. */
export function describe(error: unknown): AnsweredError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof HostError) {
    return { kind: "host", code: error.code, message };
  }
  const isRecording = error instanceof RecordingError;
  return { kind: isRecording ? "recording" : "other", message };
}

/** Makes the error that another node tells of. */
export function errorOf(
  { kind, code: word, message }: AnsweredError,
): Error {
  const code = HOST_ERROR_CODES.find((code) => code === word);
  if (kind === "host" && code !== undefined) {
    return new HostError(code, message);
  }
  if (kind === "recording") return new RecordingError(message);
  return new Error(`Another node failed: ${message}`);
}
