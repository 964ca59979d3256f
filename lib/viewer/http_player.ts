/** Plays the points of a session by HTTP, where UDP doesn't get through. */
import { FRAMES_MEDIA_TYPE, LENGTH_BYTES } from "../wire/framed_messages.ts";
import { ByteStream } from "../sources/byte_stream.ts";
import type { AuthorizedFetch } from "./authorized_fetch.ts";
import {
  StreamMessages,
  type StreamSink,
  type StreamSinks,
} from "./stream_messages.ts";

export interface HttpPlayerOptions {
  fetch: AuthorizedFetch;
  signal: AbortSignal;
  /** Called when points can come. */
  onConnected(): void;
  /** Called for each stream of points; nothing for one that isn't wanted. */
  onStream(name: string): StreamSink | undefined;
}

/**
 * Streams that are read at once: a browser has six connections to a server, of
 * which one is for events, and one for what the page asks otherwise.
 */
const MOST_STREAMS = 4;

/** Time between two looks for further streams, milliseconds. */
const LOOK_MS = 2_000;

/** Most bytes of a message; what a server takes of a frame by far. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Plays a session's points until it ends or the signal is aborted.
 *
 * @returns why it ended, a clause.
 * @throws where the server has no such session, or refuses.
 */
export async function playByHttp(
  id: string,
  { fetch, signal, onConnected, onStream }: HttpPlayerOptions,
): Promise<string> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const sinks: StreamSinks = {
    open: onStream,
    serverClock: () => undefined,
    onTime() {},
    onTrackClock() {},
    onUntaken() {},
  };
  const read = new Map<string, Promise<void>>();
  onConnected();
  try {
    while (!signal.aborted) {
      for (const name of await streamsOf(id, { fetch, signal })) {
        if (read.has(name) || read.size >= MOST_STREAMS) continue;
        read.set(name, readStream(id, name, { fetch, signal: either, sinks }));
      }
      const ended = Promise.race(read.values()).then(() => true);
      if (await Promise.race([ended, pause(LOOK_MS, signal)])) {
        return "the session’s stream ended";
      }
    }
    return "stopped";
  } finally {
    over.abort();
  }
}

async function streamsOf(
  id: string,
  { fetch, signal }: Pick<HttpPlayerOptions, "fetch" | "signal">,
): Promise<string[]> {
  const response = await fetch(`/sessions/${id}`, { signal });
  if (!response.ok) {
    throw new Error(`The server answered ${response.status}`);
  }
  const { streams }: { streams: { name: string; frames: number }[] } =
    await response.json();
  return streams.filter(({ frames }) => frames > 0).map(({ name }) => name);
}

/** Reads a stream to its end. */
async function readStream(
  id: string,
  name: string,
  { fetch, signal, sinks }: {
    fetch: AuthorizedFetch;
    signal: AbortSignal;
    sinks: StreamSinks;
  },
): Promise<void> {
  const url = `/sessions/${id}/${encodeURIComponent(name)}.npys`;
  const headers = { accept: FRAMES_MEDIA_TYPE };
  const response = await fetch(url, { headers, signal });
  if (!response.ok || response.body === null) {
    throw new Error(`The server answered ${response.status}`);
  }
  const messages = new StreamMessages(name, sinks);
  try {
    for await (const message of messagesOf(response.body)) {
      messages.take(message);
      if (messages.isUnwanted) break;
    }
  } finally {
    messages.end();
  }
}

/** The messages of a body (docs/wire.md). */
async function* messagesOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<ArrayBuffer | string, void, void> {
  await using stream = new ByteStream(body);
  while (await stream.has(LENGTH_BYTES)) {
    const prefix = await stream.take(LENGTH_BYTES);
    const length = new DataView(prefix.buffer).getUint32(0, true);
    if (length > MOST_BYTES) throw new Error(`A message of ${length} bytes`);
    if (!await stream.has(length)) return;
    const message = await stream.take(length);
    const isText = message[0] === "{".charCodeAt(0);
    yield isText ? new TextDecoder().decode(message) : message.buffer;
  }
}

/** Resolves after some time, or when the signal is aborted; never with true. */
function pause(ms: number, signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve(false);
    }
  });
}
