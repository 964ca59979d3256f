import { foreignText } from "../../foreign_text.ts";
import type { MediaCodec } from "../../media/frame.ts";
import {
  COMPRESSED_AUDIO,
  COMPRESSED_VIDEO,
  type MessageType,
  POINT_CLOUD,
  TRANSFORMS,
} from "../../ros/message_types.ts";
import type { SessionSnapshot } from "../../session/snapshot.ts";
import { mediaFormatOf } from "./media_formats.ts";
import type { ChannelInfo } from "./protocol.ts";
import { STATISTICS_SCHEMA } from "./statistics.ts";

/** What the messages of a channel are made of. */
export type ChannelContent =
  | { readonly kind: "stream"; readonly stream: string }
  | { readonly kind: "track"; readonly track: number }
  | { readonly kind: "statistics" };

/** A channel of one session. */
export interface SessionChannel extends ChannelInfo {
  readonly session: { readonly id: string; readonly name: string };
  readonly content: ChannelContent;
}

/** Where the frames of all sessions stand: there as long as the door is. */
export const TRANSFORMS_CHANNEL: ChannelInfo = {
  id: 1,
  topic: "/tf",
  ...written(TRANSFORMS),
};

/** What came and went with the newest news of sessions. */
export interface CatalogChange {
  readonly added: SessionChannel[];
  readonly removed: SessionChannel[];
}

/** What a session has, before it has a topic. */
interface Offered {
  name: string;
  content: ChannelContent;
  format: Omit<ChannelInfo, "id" | "topic">;
}

/** The channels of all sessions that live, by their ids. */
export class Catalog {
  readonly #channels = new Map<number, SessionChannel>();
  readonly #ids = new Map<string, number>();
  readonly #topics = new Set<string>();
  #nextId = TRANSFORMS_CHANNEL.id + 1;

  /** All of them, in the order in which they came. */
  get channels(): SessionChannel[] {
    return [...this.#channels.values()];
  }

  /** The channel that has an id, if there is one. */
  get(id: number): SessionChannel | undefined {
    return this.#channels.get(id);
  }

  /** The channel of something that a session has, if there is one. */
  of(session: string, content: ChannelContent): SessionChannel | undefined {
    return this.#channels.get(this.#ids.get(keyOf(session, content)) ?? 0);
  }

  /** Takes note of which sessions there are, and what they have. */
  update(sessions: readonly SessionSnapshot[]): CatalogChange {
    const offers = new Map<string, [SessionSnapshot, Offered]>();
    for (const session of sessions) {
      if (session.state !== "connected") continue;
      for (const offered of offersOf(session)) {
        offers.set(keyOf(session.id, offered.content), [session, offered]);
      }
    }
    const removed = this.channels.filter(({ session, content }) =>
      !offers.delete(keyOf(session.id, content))
    );
    for (const { id, topic, session, content } of removed) {
      this.#channels.delete(id);
      this.#ids.delete(keyOf(session.id, content));
      this.#topics.delete(topic);
    }
    const added = [...offers.values()].map(([session, offered]) =>
      this.#add(session, offered)
    );
    return { added, removed };
  }

  #add(
    { id, name }: SessionSnapshot,
    { name: own, content, format }: Offered,
  ): SessionChannel {
    const channel = {
      id: this.#nextId++,
      topic: this.#freeTopic(`/${name}/${foreignText(own)}`),
      ...format,
      session: { id, name },
      content,
    };
    this.#channels.set(channel.id, channel);
    this.#ids.set(keyOf(id, content), channel.id);
    this.#topics.add(channel.topic);
    return channel;
  }

  /** Tools know a channel by its topic: a stream may be called `stats`. */
  #freeTopic(topic: string): string {
    let free = topic;
    for (let i = 2; this.#topics.has(free); i++) free = `${topic}_${i}`;
    return free;
  }
}

function offersOf({ streams, tracks }: SessionSnapshot): Offered[] {
  return [
    ...streams.filter(({ frames }) => frames > 0).map(({ name }): Offered => ({
      name,
      content: { kind: "stream", stream: name },
      format: written(POINT_CLOUD),
    })),
    ...tracks.flatMap(({ kind, name, codec }, track): Offered[] => {
      const format = formatOf(codec);
      const content = { kind: "track", track } as const;
      const own = name === null ? kind : `${kind}/${name}`;
      return format === undefined ? [] : [{ name: own, content, format }];
    }),
    {
      name: "stats",
      content: { kind: "statistics" },
      format: {
        encoding: "json",
        schemaName: "pointwire.SessionStatistics",
        schema: STATISTICS_SCHEMA,
        schemaEncoding: "jsonschema",
      },
    },
  ];
}

function formatOf(codec: MediaCodec | null): Offered["format"] | undefined {
  if (codec === null || mediaFormatOf(codec) === undefined) return undefined;
  return written(codec === "opus" ? COMPRESSED_AUDIO : COMPRESSED_VIDEO);
}

function keyOf(session: string, content: ChannelContent): string {
  switch (content.kind) {
    case "stream":
      return `${session} stream ${content.stream}`;
    case "track":
      return `${session} track ${content.track}`;
    case "statistics":
      return `${session} statistics`;
  }
}

function written({ name, definition }: MessageType): Offered["format"] {
  return {
    encoding: "cdr",
    schemaName: name,
    schema: definition,
    schemaEncoding: "ros2msg",
  };
}
