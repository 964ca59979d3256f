import {
  DEFAULT_REQUEST_LIMITS,
  type RequestLimits,
} from "../limits/request_limits.ts";
import {
  DEFAULT_SESSION_LIMITS,
  type SessionLimits,
} from "../limits/session_limits.ts";
import { PROXY_FIELDS } from "../serving/forwarded.ts";
import type { OptionValues } from "./options.ts";

/** The options that say how much the server takes. */
export const LIMIT_OPTIONS = {
  "max-sessions": {
    type: "integer",
    min: 1,
    default: DEFAULT_REQUEST_LIMITS.sessions,
    help: "Sessions in all",
  },
  "max-sessions-per-address": {
    type: "integer",
    min: 1,
    default: DEFAULT_REQUEST_LIMITS.sessionsPerAddress,
    help: "Sessions of one address",
  },
  "max-offers-per-second": {
    type: "number",
    min: 0.01,
    default: DEFAULT_REQUEST_LIMITS.offersPerSecond,
    help: "Offers a second of one address",
  },
  "max-watchers": {
    type: "integer",
    min: 1,
    default: DEFAULT_REQUEST_LIMITS.watchers,
    help: "Watchers of one session",
  },
  "max-watchers-per-address": {
    type: "integer",
    min: 1,
    default: DEFAULT_REQUEST_LIMITS.watchersPerAddress,
    help: "Watchers of one address",
  },
  "max-frame-points": {
    type: "integer",
    min: 1,
    max: DEFAULT_SESSION_LIMITS.framePoints,
    default: DEFAULT_SESSION_LIMITS.framePoints,
    help: "Points of a frame",
  },
  "max-frame-bytes": {
    type: "integer",
    min: 1024,
    max: DEFAULT_SESSION_LIMITS.frameBytes,
    default: DEFAULT_SESSION_LIMITS.frameBytes,
    help: "Bytes of a frame, encoded and decoded alike",
  },
  "max-held-bytes": {
    type: "integer",
    min: 1024 * 1024,
    default: DEFAULT_SESSION_LIMITS.heldBytes,
    help: "Bytes of memory for what one peer sent in part, or doesn't take",
  },
  "max-bytes-per-second": {
    type: "integer",
    min: 1024,
    default: DEFAULT_SESSION_LIMITS.bytesPerSecond,
    help: "Bytes a second of one session",
  },
  "max-messages-per-second": {
    type: "integer",
    min: 10,
    default: DEFAULT_SESSION_LIMITS.messagesPerSecond,
    help: "Data channel messages a second of one session",
  },
  "connect-timeout": {
    type: "number",
    min: 0.1,
    default: 30,
    help: "Seconds that a session may take to connect",
  },
  "idle-timeout": {
    type: "number",
    min: 0,
    default: 0,
    help: "Seconds without points and media that end a session; 0 is for ever",
  },
  "trust-proxy": {
    type: "choice",
    choices: PROXY_FIELDS,
    default: "none",
    help: "Field in which a reverse proxy names the client's address",
  },
} as const;

/** Reads the limits of the server and of its sessions. */
export function limitsOf(options: OptionValues<typeof LIMIT_OPTIONS>): {
  request: Partial<RequestLimits>;
  session: { connectTimeoutMs: number; limits: Partial<SessionLimits> };
} {
  const idle = options["idle-timeout"];
  return {
    request: {
      sessions: options["max-sessions"],
      sessionsPerAddress: options["max-sessions-per-address"],
      offersPerSecond: options["max-offers-per-second"],
      watchers: options["max-watchers"],
      watchersPerAddress: options["max-watchers-per-address"],
    },
    session: {
      connectTimeoutMs: options["connect-timeout"] * 1000,
      limits: {
        framePoints: options["max-frame-points"],
        frameBytes: options["max-frame-bytes"],
        heldBytes: options["max-held-bytes"],
        bytesPerSecond: options["max-bytes-per-second"],
        messagesPerSecond: options["max-messages-per-second"],
        idleMs: idle === 0 ? Infinity : idle * 1000,
      },
    },
  };
}
