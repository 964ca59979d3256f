/** Plays a session by HTTP, where UDP doesn't get through. */
import {
  parseSessionMessage,
  type SessionTrack,
} from "../wire/session_messages.ts";
import {
  type MediaRecord,
  readMedia,
  SESSION_MEDIA_TYPE,
} from "../wire/session_records.ts";
import type { AuthorizedFetch } from "./authorized_fetch.ts";
import { ExchangeError } from "./exchange_error.ts";
import { whyRefused } from "./read_problem.ts";
import { ReadReports } from "./read_reports.ts";
import { recordsOf } from "./session_body.ts";
import {
  StreamMessages,
  type StreamSink,
  type StreamSinks,
} from "./stream_messages.ts";

/** What takes the pictures and the sound of a session. */
export interface MediaSink {
  /** Takes which tracks there are, and what they are in from now on. */
  setTracks(tracks: readonly SessionTrack[]): void;
  /** Takes what comes of a track. */
  take(track: number, record: EncodedMedia): void;
}

export interface HttpPlayerEvents {
  /** Called when something can come. */
  onConnected(): void;
  /** Called for each stream of points; nothing for one that isn't wanted. */
  onStream(name: string): StreamSink | undefined;
}

export interface HttpPlayerOptions {
  fetch: AuthorizedFetch;
  signal: AbortSignal;
  /** Where its pictures and sound go. @default {they aren't asked for} */
  media?: MediaSink;
  /** Whether the page is hidden. @default {never} */
  isHidden?(): boolean;
}

/** Sound or a picture, as it came. */
export type EncodedMedia = MediaRecord & { data: Uint8Array<ArrayBuffer> };

/** Streams of a session that are taken at the most. */
const MOST_STREAMS = 64;

/**
 * Plays a session until it ends or the signal is aborted.
 *
 * @returns why it ended, a clause.
 * @throws {ExchangeError} where the server has no such session, or refuses.
 */
export async function playByHttp(
  id: string,
  events: HttpPlayerEvents,
  { fetch, signal, media, isHidden }: HttpPlayerOptions,
): Promise<string> {
  using reports = new ReadReports({ fetch, signal, isHidden });
  const query = new URLSearchParams({ reading: reports.id });
  if (media === undefined) query.set("media", "none");
  const headers = { accept: SESSION_MEDIA_TYPE };
  const response = await fetch(`/sessions/${id}?${query}`, { headers, signal });
  if (!response.ok || response.body === null) {
    throw new ExchangeError(await whyRefused(response), response.status);
  }
  events.onConnected();
  using body = new SessionBody(events, { media, reports });
  for await (const record of recordsOf(reports.count(response.body))) {
    const { kind, of, isKeyframe, data } = record;
    if (kind === "points") body.takePoints(of, data);
    if (kind === "media") body.takeMedia(of, isKeyframe, data);
    const bye = kind === "text" ? body.takeText(data) : undefined;
    if (bye !== undefined) return bye;
  }
  return "the connection was lost";
}

/** What comes of one session. */
class SessionBody implements Disposable {
  readonly #sinks: StreamSinks;
  readonly #streams = new Map<number, StreamMessages>();
  readonly #media: MediaSink | undefined;

  constructor(
    events: HttpPlayerEvents,
    { media, reports }: { media: MediaSink | undefined; reports: ReadReports },
  ) {
    this.#media = media;
    this.#sinks = {
      open: (name) => events.onStream(name),
      serverClock: () => reports.serverClock,
      onTime() {},
      onTrackClock() {},
      onUntaken() {},
    };
  }

  /** @returns what the server says at the end, if it does. */
  takeText(data: Uint8Array): string | undefined {
    const message = parseSessionMessage(new TextDecoder().decode(data));
    if (message?.type === "bye") return message.reason;
    if (message?.type === "tracks") this.#media?.setTracks(message.tracks);
  }

  takePoints(number: number, data: Uint8Array<ArrayBuffer>): void {
    let stream = this.#streams.get(number);
    if (stream === undefined) {
      if (this.#streams.size >= MOST_STREAMS) return;
      stream = new StreamMessages(`${number}`, this.#sinks);
      this.#streams.set(number, stream);
    }
    const isText = data[0] === "{".charCodeAt(0);
    stream.take(isText ? new TextDecoder().decode(data) : data.buffer);
  }

  takeMedia(
    number: number,
    isKeyframe: boolean,
    record: Uint8Array<ArrayBuffer>,
  ): void {
    const media = readMedia(record);
    if (media !== undefined) {
      this.#media?.take(number, { isKeyframe, ...media });
    }
  }

  [Symbol.dispose](): void {
    for (const stream of this.#streams.values()) stream.end();
  }
}
