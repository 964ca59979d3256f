import { createLogger, type Logger } from "../log.ts";
import type { Selection } from "../points/select.ts";
import type { AskOptions } from "../signaling/ask.ts";
import type { NetworkOptions } from "../transport/network.ts";
import { WatchedServer } from "./server.ts";
import { WatchedSession, type WatchEvents } from "./watched_session.ts";

/** What {@linkcode watch} does. */
export interface WatchOptions extends WatchEvents, AskOptions {
  /** URL of the server, such as `http://localhost:8080`. */
  server: string | URL;
  /** Name or id of the session. @default the newest that is live */
  session?: string;
  /**
   * The part of clouds that is sent: some fields, every so-manyth point, those
   * in a box. @default {all of them}
   */
  selection?: Selection;
  /** Largest IP packet, bytes. @default {1280} */
  mtu?: number;
  /** STUN and TURN servers, and UDP ports. */
  network?: NetworkOptions;
  /**
   * Silence after which the server is taken for gone, milliseconds. One that
   * has nothing to send is silent for up to 6 s. @default {9_000}
   */
  silenceMs?: number;
  /** Ends the watching. */
  signal?: AbortSignal;
  /** What is worth a line of a log. @default nothing is logged */
  log?: Logger;
}

/**
 * Watches a session: its points, and with `onMediaFrame` its audio and video
 * too.
 *
 * The newest cloud comes at once, even of a session that sends no more. Memory
 * is bounded: a slow loop over the clouds gets the newest, whatever came
 * before.
 *
 * @returns the session, once it is connected; dispose of it to hang up.
 * @throws {NoSessionError} where there is no such session, or none is live.
 * @throws {SignalingError} when the server can't be asked or says no; `status`
 * is 401 or 403 where it wants a token, or another one.
 * @throws {ConnectionError} when there is no connection within 30 s.
 * @throws {TypeError} where `server` is no URL.
 * @throws the signal's reason when it is aborted before.
 *
 * @example
 * ```ts
 * import { watch } from "@pointwire/pointwire/watch";
 * import { lidarSource, publish } from "@pointwire/pointwire/publish";
 * import { createLogger, PointServer } from "@pointwire/pointwire/server";
 * import { assertEquals } from "@std/assert";
 *
 * const log = createLogger({ level: "error" });
 * const live = Promise.withResolvers<void>();
 * await using server = PointServer.listen({
 *   hostname: "127.0.0.1",
 *   port: 0,
 *   log,
 *   events: () => ({ onFrame: () => live.resolve() }),
 * });
 * const published = publish({
 *   signaling: `${server.url}/offer`,
 *   source: lidarSource(1_000),
 *   duration: 2,
 *   log,
 * });
 * await live.promise;
 *
 * await using session = await watch({ server: server.url });
 * for await (const { cloud } of session) assertEquals(cloud.points, 1_000);
 * assertEquals((await session.ended).code, "ended");
 * await published;
 * ```
 */
export async function watch(options: WatchOptions): Promise<WatchedSession> {
  const signal = options.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  const server = serverOf(options);
  const session = options.session ?? await server.newestSession(signal);
  return await openSession({ server, session, signal }, options);
}

/** Makes what the options say of the server. */
export function serverOf(
  { server, token, caCerts, selection }: WatchOptions,
): WatchedServer {
  return new WatchedServer(server, { token, caCerts }, selection);
}

/** The log that the options name, or one that writes nothing. */
export function logOf({ log }: WatchOptions): Logger {
  return log ?? createLogger({ write: () => {} });
}

/**
 * Connects to one session, as the options say.
 *
 * @throws what {@linkcode WatchedSession.open} throws.
 */
export function openSession(
  { server, session, signal }: {
    server: WatchedServer;
    session: string;
    signal: AbortSignal;
  },
  options: WatchOptions,
): Promise<WatchedSession> {
  const { mtu, network, silenceMs } = options;
  const log = logOf(options);
  return WatchedSession.open(
    { server, session, mtu, network, silenceMs, log },
    options,
    signal,
  );
}
