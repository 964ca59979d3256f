import { LocalHost } from "../hosting/local_host.ts";
import type { SessionHost } from "../hosting/session_host.ts";
import { WorkerHost } from "../hosting/worker_host.ts";
import type { WorkerSettings } from "../hosting/worker_messages.ts";
import type { Logger } from "../log.ts";
import type { OptionValues } from "./options.ts";

/** Most Workers that are started unless told otherwise. */
const DEFAULT_MAX_WORKERS = 8;
/** Most Workers that may be asked for. */
const MAX_WORKERS = 64;
/** Bounds of an IP packet: what each IPv4 host takes, and what IP can hold. */
const MIN_MTU = 576;
const MAX_MTU = 65_535;
const SECONDS_A_DAY = 86_400;

/** The server's options about where sessions live, and how they end. */
export const HOSTING_OPTIONS = {
  mtu: {
    type: "integer",
    min: MIN_MTU,
    max: MAX_MTU,
    help: "Largest IP packet to send, bytes (1280; larger where it is found " +
      "that the path takes them)",
  },
  workers: {
    type: "integer",
    min: 0,
    max: MAX_WORKERS,
    default: Math.min(navigator.hardwareConcurrency, DEFAULT_MAX_WORKERS),
    help: "Most Workers that sessions live in; 0 keeps them in the main thread",
  },
  drain: {
    type: "number",
    min: 0,
    max: SECONDS_A_DAY,
    default: 10,
    help: "Seconds that sessions may end in after SIGTERM",
  },
} as const;

/** Makes what the sessions live in. */
export function openHost(
  { workers, mtu }: OptionValues<typeof HOSTING_OPTIONS>,
  { log: logging, session: common }: WorkerSettings,
  log: Logger,
): SessionHost {
  const session = { ...common, mtu };
  if (workers === 0 || !mayStartWorkers(log)) {
    return new LocalHost({ log, session });
  }
  const settings = { log: logging, session };
  return new WorkerHost({ workers, settings, log });
}

/** A Worker reads its own modules, which Deno asks a permission for. */
export function mayStartWorkers(log: Logger): boolean {
  const path = new URL("..", import.meta.url);
  const { state } = Deno.permissions.querySync({ name: "read", path });
  if (state === "granted") return true;
  log.warn("sessions live in the main thread: Workers need --allow-read=lib");
  return false;
}
