import type { Logger } from "../../log.ts";
import type { NamedType } from "../../points/field.ts";
import { SourceError } from "../errors.ts";
import type { OpenedSource, SourceCamera } from "../opened_source.ts";
import { hasClouds } from "../source_topics.ts";
import { streamNames } from "../topic_names.ts";
import type { BagTopic } from "./bag.ts";
import type { BagPlayer, PlayingOptions } from "./bag_player.ts";
import type { BagPlayers } from "./bag_players.ts";
import { BagStream } from "./bag_stream.ts";
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

/** Cameras that come with a bag's clouds: each takes an encoder. */
const MAX_CAMERAS = 4;

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
    cameras: camerasOf(player, name.path, { picked, log }),
  };
}

/** Those among the topics that are asked for. */
function camerasOf(
  { known }: BagPlayer,
  path: string,
  { picked, log }: { picked: readonly BagTopic[]; log: Logger },
): SourceCamera[] {
  const topics = known
    .filter(({ kind, topic }) => kind === "picture" && picked.includes(topic))
    .map(({ topic }) => topic.name);
  const chosen = topics.slice(0, MAX_CAMERAS);
  if (topics.length > chosen.length) {
    log.warn("cameras left out: name those that are wanted by --media", {
      cameras: topics.slice(MAX_CAMERAS).join(", "),
    });
  }
  const names = streamNames(chosen);
  return chosen.map((topic, i) => ({
    name: names[i],
    input: `${path}:${topic}`,
  }));
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
