import { cutText } from "../foreign_text.ts";

/** Why a host does not do what it is asked. */
export const HOST_ERROR_CODES = [
  /** There is no such session. */
  "no-session",
  /** The session has no such watcher. */
  "no-watcher",
  /** The name that was asked for is another session's. */
  "name-taken",
  /** The session was deleted by an operator, and can't be resumed. */
  "deleted",
  /** The session was ended, as its publisher broke a limit. */
  "limit",
  /** Those who watch the session want too many parts of its clouds. */
  "selections",
  /** Something is wrong with the offer. */
  "unanswerable",
  /** Nothing comes or goes through what the offer has. */
  "unusable",
  /** No UDP port is free, or no TURN server answers. */
  "unreachable",
  /** Too many files are open for another UDP socket. */
  "no-descriptors",
  /** Its Worker died, or none comes up. */
  "no-worker",
  /** The node that it lives on does not answer. */
  "no-node",
  /** No sessions are made any more: those there are end soon. */
  "draining",
  /** No sessions are made any more. */
  "closed",
] as const;
/** Why a host does not do what it is asked, for a program. */
export type HostErrorCode = typeof HOST_ERROR_CODES[number];

/** A host does not do what it is asked. */
export class HostError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "HostError";

  /** Makes an error; `message` is a sentence. */
  constructor(
    /** Which kind of refusal it is. */
    readonly code: HostErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Makes the error of a session that isn't there. */
export function noSession(id: string): HostError {
  return new HostError("no-session", `There is no session ${cutText(id)}`);
}

/** Makes the error of a session that an operator ended. */
export function wasDeleted(id: string): HostError {
  const why = `The session ${id} was deleted, and can't be resumed`;
  return new HostError("deleted", why);
}

/** Makes the error of a watcher that a session doesn't have. */
export function noWatcher(session: string, id: string): HostError {
  const why = `Session ${cutText(session)} has no watcher ${cutText(id)}`;
  return new HostError("no-watcher", why);
}

/**
 * Makes the error of a host that takes no sessions and watchers; `why` is a
 * clause.
 */
export function noNewSessions(
  code: "draining" | "closed" | "no-worker",
  why: string,
): HostError {
  return new HostError(code, `No new sessions: ${why}`);
}

/** Makes the error of a host that has no file descriptor for a session. */
export function noDescriptors(cause: unknown): HostError {
  const message = "No new sessions: the server has too many files open";
  return new HostError("no-descriptors", message, { cause });
}
