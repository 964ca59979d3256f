import type { Logger } from "../../log.ts";
import type { NamedType } from "../../points/field.ts";
import { SourceError } from "../errors.ts";
import type { OpenedSource } from "../opened_source.ts";
import { hasClouds } from "../source_topics.ts";
import { streamNames } from "../topic_names.ts";
import type { BagTopic } from "./bag.ts";
import type { BagPlayer } from "./bag_player.ts";
import type { PlayingOptions } from "./playing.ts";
import type { BagPlayers } from "./bag_players.ts";
import { BagStream } from "./bag_stream.ts";
import { camerasOf } from "./cameras.ts";
import type { BagName } from "./open_bag.ts";
import { type KnownTopic, listTopics, pickTopics } from "./topics.ts";

/** Options of {@linkcode bagSource}. */
export interface BagSourceOptions extends PlayingOptions {
  /** The bags that are played. */
  bags: BagPlayers;
  /** Gives just these fields of each cloud. @default {all} */
  fields?: readonly NamedType[];
  log: Logger;
}

/**
 * Opens a bag: each of its topics of clouds is a stream, and they are played at
 * the times at which they were recorded.
 *
 * @throws {SourceError} for what is no bag, or has no such topics.
 */
export async function bagSource(
  name: BagName,
  { bags, fields, log, ...playing }: BagSourceOptions,
): Promise<OpenedSource> {
  await using used = await bags.use(name.path, playing);
  const { player } = used;
  const { bag } = player;
  const picked = name.topics === undefined
    ? bag.topics
    : pickTopics(bag.topics, name.topics, name.path);
  const chosen = chooseClouds(player, name, picked);
  const names = streamNames(chosen.map(({ topic }) => topic.name));
  return {
    streams: chosen.map((topic, i) => ({
      name: names[i],
      source: new BagStream(player, topic, { fields, log }),
    })),
    cameras: camerasOf(
      player.known.filter(({ topic }) => picked.includes(topic)),
      { path: name.path, log },
    ),
  };
}

function chooseClouds(
  { bag, known }: BagPlayer,
  { path, topics: patterns }: BagName,
  picked: readonly BagTopic[],
): KnownTopic[] {
  const clouds = known.filter(({ kind }) => hasClouds(kind));
  const chosen = clouds.filter(({ topic }) => picked.includes(topic));
  if (chosen.length > 0) return chosen;
  throw new SourceError(
    patterns === undefined
      ? `${path} has no topic of clouds; it has ${listTopics(bag.topics)}`
      : `${patterns} of ${path} has no clouds: ${listTopics(picked)}; those ` +
        `that have are ${listTopics(clouds.map(({ topic }) => topic))}`,
  );
}
