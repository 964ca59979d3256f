/** Publishes from the browser: camera and microphone, or a scan, by WHIP. */
import { CHUNK_BYTES, POINTS_PROTOCOL, splitFrame } from "../wire/frame.ts";
import { parseServerMessage } from "../wire/messages.ts";
import { connectionEnd, exchange, type ExchangeOptions } from "./exchange.ts";
import type { EncodedScan, ToScanWorker } from "./worker_messages.ts";

/** Size and pace of the synthetic scan. */
const SCAN: ToScanWorker = { type: "start", points: 20_000, rate: 10 };

/** Options of what is published. */
export interface BrowserPublishOptions extends ExchangeOptions {
  /** Called once the connection stands. */
  onLive(): void;
}

/**
 * Publishes the tracks of a stream until the server ends it or `signal` aborts.
 *
 * @returns why it ended, a clause.
 * @throws {ExchangeError} where the server refuses.
 */
export function publishMedia(
  media: MediaStream,
  options: BrowserPublishOptions,
): Promise<string> {
  return publish(
    (connection) => {
      for (const track of media.getTracks()) {
        connection.addTransceiver(track, {
          direction: "sendonly",
          streams: [media],
        });
      }
      return undefined;
    },
    options,
  );
}

/**
 * Publishes the synthetic scan until the server ends it or `signal` aborts.
 *
 * @returns why it ended, a clause.
 * @throws {ExchangeError} where the server refuses.
 */
export function publishScan(options: BrowserPublishOptions): Promise<string> {
  return publish(
    (connection, over) => {
      const channel = connection.createDataChannel("points", {
        protocol: POINTS_PROTOCOL,
        ordered: true,
      });
      channel.binaryType = "arraybuffer";
      channel.addEventListener(
        "open",
        () => sendScan(connection, channel, over),
      );
      return channel;
    },
    options,
  );
}

async function publish(
  prepare: (
    connection: RTCPeerConnection,
    over: AbortSignal,
  ) => RTCDataChannel | undefined,
  options: BrowserPublishOptions,
): Promise<string> {
  const { signal } = options;
  const connection = new RTCPeerConnection();
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  try {
    const channel = prepare(connection, until);
    connection.addEventListener("connectionstatechange", () => {
      if (connection.connectionState === "connected") options.onLive();
    });
    const end = Promise.race([
      connectionEnd(connection, until),
      ...channel === undefined ? [] : [channelEnd(channel)],
    ]);
    const { hangUp } = await exchange(connection, "/whip", options);
    addEventListener("pagehide", hangUp, { signal: over.signal });
    try {
      return await end;
    } finally {
      hangUp();
    }
  } finally {
    over.abort();
    connection.close();
  }
}

/** Resolves, with why, when the server closes the channel. */
function channelEnd(channel: RTCDataChannel): Promise<string> {
  return new Promise((resolve) => {
    channel.addEventListener("close", () => resolve("the server closed it"));
    channel.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") return;
      const message = parseServerMessage(data);
      if (message?.type === "bye") resolve(message.reason);
    });
  });
}

/**
 * Sends scans as they come; leaves one out while the last is still queued.
 */
function sendScan(
  connection: RTCPeerConnection,
  channel: RTCDataChannel,
  signal: AbortSignal,
): void {
  if (signal.aborted) return;
  const worker = new Worker(new URL("./scan_worker.js", import.meta.url), {
    type: "module",
  });
  signal.addEventListener("abort", () => worker.terminate(), { once: true });
  const largest = connection.sctp?.maxMessageSize ?? CHUNK_BYTES;
  const maxBytes = Math.min(CHUNK_BYTES, largest);
  worker.onmessage = ({ data }: MessageEvent<EncodedScan>) => {
    if (channel.readyState !== "open" || channel.bufferedAmount > 0) return;
    for (const message of splitFrame(data.bytes, data, maxBytes)) {
      channel.send(message);
    }
  };
  worker.postMessage(SCAN);
}
