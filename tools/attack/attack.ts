/** What an attack is, and what it tells of itself. */
import { DEFAULT_SESSION_LIMITS } from "../../lib/limits/session_limits.ts";

/** What an attacker sent, and what it saw that must not be. */
export interface Sent {
  /** Requests, messages or datagrams: what the attack is made of. */
  requests: number;
  /** Bytes of them: of HTTP with heads, of UDP without IP's headers. */
  bytes: number;
  /** Bytes of UDP that the server sent to somebody else for it. */
  reflected?: number;
  /** What was taken or answered and must not be, each in a sentence. */
  breaches?: string[];
}

/** What an attacker knows of its victim. */
export interface AttackContext {
  /** The server's. */
  url: string;
  /** The server's process: this machine tells its ports. */
  pid: number;
  /** Id of the session of the publisher beside it. */
  session: string;
  /** How long it attacks. */
  seconds: number;
  /** Whether a peer that is ended comes back. @default {true} */
  comesBack?: boolean;
  /** Checkout whose server it is. */
  serverFolder: string;
  /** Values that the attack's `prepare` made for it. */
  prepared: Record<string, string>;
}

/** What the server of an attack is started with. */
export interface Prepared extends AsyncDisposable {
  /** Options of the server. */
  args?: string[];
  /** Permissions besides those of its task. */
  permissions?: string[];
  /** What lets in the publisher, the watcher and who reads the metrics. */
  token?: string;
  /** Told to the attacker. */
  values?: Record<string, string>;
}

/** One attack, and what is allowed for it. */
export interface Attack {
  name: string;
  /** What it does, in one clause. */
  about: string;
  /** What the server may hold for it by its limits, MiB. */
  budget: number;
  /** Makes what its server needs. */
  prepare?(): Promise<Prepared>;
  /** Most file descriptors of the server's process. @default the machine's */
  descriptors?: number;
  /**
   * Whether nobody is answered as long as it lasts, because a resource of the
   * operating system is gone: only what follows counts then.
   */
  isOutage?: boolean;
  /** Whether errors in the log are what is right. */
  isTold?: boolean;
  /** Runs in a process of its own, which ends afterwards. */
  run(context: AttackContext): Promise<Sent>;
}

/** What a session takes that connects, or waits for that, MiB. */
export const SESSION_MIB = 2;
/** What V8 leaves lying about under load before it collects, MiB. */
export const SLACK_MIB = 64;
/** The same where requests come over new connections as fast as they go. */
export const FLOOD_MIB = 96;
/** What one peer has the server hold, by `held-bytes`, MiB. */
export const HELD_MIB = DEFAULT_SESSION_LIMITS.heldBytes / 2 ** 20;
/** A frame of one peer, encoded or decoded, MiB. */
export const FRAME_MIB = DEFAULT_SESSION_LIMITS.frameBytes / 2 ** 20;
