import { createLogger, type Logger } from "../log.ts";
import type { AskOptions } from "../signaling/ask.ts";
import type { NetworkOptions } from "../transport/network.ts";
import { WatchedServer } from "./server.ts";
import { type WatchEvents, WatchedSession } from "./watched_session.ts";

export interface WatchOptions extends WatchEvents, AskOptions {
  /** URL of the server, such as `http://localhost:8080`. */
  server: string | URL;
  /** Id of the session. @default the newest that is live */
  session?: string;
  /** Largest IP packet, bytes. @default {1280} */
  mtu?: number;
  /** STUN and TURN servers, and UDP ports. */
  network?: NetworkOptions;
  /**
   * Silence after which the server is taken for gone, milliseconds. One that has
   * nothing to send is silent for up to 6 s. @default {9_000}
   */
  silenceMs?: number;
  /** Ends the watching. */
  signal?: AbortSignal;
  /** @default nothing is logged */
  log?: Logger;
}

/**
 * Watches a session: its points, and with `onMediaFrame` its audio and video too.
 *
 * The newest cloud comes at once, even of a session that sends no more. Memory is
 * bounded: a slow loop over the clouds gets the newest, whatever came before.
 *
 * @returns the session, once it is connected; dispose of it to hang up.
 * @throws {NoSessionError} where there is no such session, or none is live.
 * @throws {SignalingError} when the server can't be asked or says no; `status` is
 * 401 or 403 where it wants a token, or another one.
 * @throws {ConnectionError} when no connection is made.
 * @throws {TypeError} where `server` is no URL.
 * @throws the signal's reason when it is aborted before.
 *
 * @example
 * ```ts ignore
 * import { watch } from "@pointwire/pointwire";
 *
 * await using session = await watch({ server: "http://localhost:8080" });
 * for await (const { cloud, frame } of session) {
 *   console.log(`frame ${frame.number}: ${cloud.points} points`);
 * }
 * const { code, reason } = await session.ended;
 * console.log(`ended (${code}): ${reason}`);
 * ```
 */
export async function watch(options: WatchOptions): Promise<WatchedSession> {
  const { token, caCerts } = options;
  const signal = options.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  const server = new WatchedServer(options.server, { token, caCerts });
  const session = options.session ?? await server.newestSession(signal);
  const log = options.log ?? createLogger({ write: () => {} });
  return await WatchedSession.open(
    { ...options, server, session, log },
    options,
    signal,
  );
}
