/** Offer and answer over HTTP, as WHIP (RFC 9725) and WHEP do it. */
import { settlesWithin, whenAborted } from "../async.ts";
import type { AuthorizedFetch } from "./authorized_fetch.ts";
import { ExchangeError } from "./exchange_error.ts";
import { whyRefused } from "./read_problem.ts";

/** Time for the candidates; on one network they are there in a few ms. */
const GATHERING_MS = 1_000;

/** Time for the server's answer. */
const ANSWER_MS = 10_000;

/** How a server is asked. */
export interface ExchangeOptions {
  /** Asks with the token that it takes. */
  fetch: AuthorizedFetch;
  /** Ends the asking, and what came of it. */
  signal: AbortSignal;
}

/** A connection that a server has answered. */
export interface Exchanged {
  /** Tells the server that it is over; works while the page goes away, too. */
  hangUp(): void;
}

/**
 * Offers a connection, with all its candidates, and takes the answer.
 *
 * @throws {ExchangeError} where the server refuses or can't be reached.
 */
export async function exchange(
  connection: RTCPeerConnection,
  url: string,
  options: ExchangeOptions,
): Promise<Exchanged> {
  const { fetch, signal } = options;
  await connection.setLocalDescription();
  await gathered(connection, signal);
  const { sdp } = connection.localDescription!;
  const response = await post(url, sdp, options);
  const location = response.headers.get("location");
  const hangUp = () => {
    if (location === null) return;
    const resource = new URL(location, response.url);
    fetch(resource, { method: "DELETE", keepalive: true }).catch(() => {
      // The server is gone, and the connection with it.
    });
  };
  try {
    const sdp = await response.text();
    signal.throwIfAborted();
    await connection.setRemoteDescription({ type: "answer", sdp });
  } catch (error) {
    hangUp();
    throw error;
  }
  return { hangUp };
}

async function post(
  url: string,
  sdp: string,
  { fetch, signal }: ExchangeOptions,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/sdp" },
      body: sdp,
      // A time to answer that is not the time to type a token in.
      timeoutMs: ANSWER_MS,
      signal,
    });
  } catch (cause) {
    signal.throwIfAborted();
    const why = "The server can’t be reached";
    throw new ExchangeError(why, undefined, { cause });
  }
  if (response.status === 201) return response;
  throw new ExchangeError(await whyRefused(response), response.status);
}

/** Waits until all candidates are in the description, but not for long. */
async function gathered(
  connection: RTCPeerConnection,
  signal: AbortSignal,
): Promise<void> {
  if (connection.iceGatheringState === "complete") return;
  const complete = new Promise<void>((resolve) => {
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState === "complete") resolve();
    });
  });
  await settlesWithin(GATHERING_MS, complete, signal);
}

/**
 * Resolves, with why, when a connection is over. Of one that the other side has
 * closed, the browser tells by DTLS alone.
 */
export function connectionEnd(
  connection: RTCPeerConnection,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve) => {
    void whenAborted(signal).then(() => resolve("stopped"));
    connection.addEventListener("connectionstatechange", () => {
      switch (connection.connectionState) {
        case "failed":
          return resolve("the connection failed");
        case "closed":
          return resolve("the connection was closed");
        case "connected":
          for (const transport of transportsOf(connection)) {
            transport.addEventListener("statechange", () => {
              if (transport.state !== "closed") return;
              resolve("the server closed the connection");
            });
          }
      }
    });
  });
}

function transportsOf(connection: RTCPeerConnection): Set<RTCDtlsTransport> {
  const transports = [
    connection.sctp?.transport,
    ...connection.getTransceivers().map(({ receiver }) => receiver.transport),
  ];
  return new Set(transports.filter((transport) => transport != null));
}
