import type { Logger } from "../../log.ts";
import { SourceError } from "../errors.ts";
import type { OpenedSource } from "../opened_source.ts";
import { hasClouds, type SourceTopic, useOf } from "../source_topics.ts";
import { streamNames } from "../topic_names.ts";
import type { Bag } from "./bag.ts";
import { BagPlayer, type BagPlayerOptions } from "./bag_player.ts";
import { openMcap } from "./mcap/mcap_bag.ts";
import { openSqliteBag } from "./sqlite_bag.ts";
import { knownTopic, listTopics, pickTopics } from "./topics.ts";

/** A bag by its path, and which of its topics are wanted. */
export interface BagName {
  path: string;
  /** All that have clouds where none are named. */
  topics?: string;
}

/** Opens a bag by its extension. */
const OPENERS: readonly [
  string,
  (path: string, log: Logger) => Promise<Bag>,
][] = [[".mcap", openMcap], [".db3", openSqliteBag]];

/** Finds the bag that a name is of; nothing where it is of none. */
export async function findBag(name: string): Promise<BagName | undefined> {
  const extensions = OPENERS.map(([extension]) => extension.slice(1)).join("|");
  const [, file, topics] =
    new RegExp(`^(.+\\.(?:${extensions}))(?::(.+))?$`, "is").exec(name) ?? [];
  if (file !== undefined) {
    return { path: file, ...(topics !== undefined && { topics }) };
  }
  const [, folder, wanted] = /^(.+?)(?::(\/?[\w*].*))?$/s.exec(name) ?? [];
  for (const [path, topics] of [[name], [folder, wanted]]) {
    if (path === undefined || !await isBagFolder(path)) continue;
    return { path, ...(topics !== undefined && { topics }) };
  }
}

/**
 * Opens a bag: each of its topics of clouds is a stream, and they are played at
 * the times at which they were recorded.
 *
 * @throws {SourceError} for what is no bag, or has no such topics.
 */
export async function bagSource(
  name: BagName,
  options: BagPlayerOptions,
): Promise<OpenedSource> {
  const bag = await openBag(name.path, options.log);
  try {
    return play(bag, name, options);
  } catch (error) {
    bag[Symbol.dispose]();
    throw error;
  }
}

function play(
  bag: Bag,
  { path, topics: patterns }: BagName,
  options: BagPlayerOptions,
): OpenedSource {
  const known = bag.topics.map(knownTopic).filter((one) => one !== undefined);
  const clouds = known.filter(({ kind }) => hasClouds(kind));
  const picked = patterns === undefined
    ? clouds.map(({ topic }) => topic)
    : pickTopics(bag.topics, patterns, path);
  const chosen = clouds.filter(({ topic }) => picked.includes(topic));
  if (chosen.length === 0) {
    throw new SourceError(
      patterns === undefined
        ? `${path} has no topic of clouds; it has ${listTopics(bag.topics)}`
        : `${patterns} of ${path} has no clouds: ${
          listTopics(picked)
        }; those ` +
          `that have are ${listTopics(clouds.map(({ topic }) => topic))}`,
    );
  }
  const { start = 0, log } = options;
  const seconds = (bag.end - bag.start) / 1000;
  if (start > seconds) {
    throw new SourceError(
      `--start ${start} is behind the end of ${path}, which has ` +
        `${seconds.toFixed(1)} seconds`,
    );
  }
  if (bag.damage !== undefined) {
    log.warn("a bag is damaged, and played up to there", {
      file: path,
      why: bag.damage,
    });
  }
  const player = new BagPlayer(bag, known, options);
  const names = streamNames(chosen.map(({ topic }) => topic.name));
  return {
    streams: chosen.map((topic, i) => ({
      name: names[i],
      source: player.stream(topic),
    })),
  };
}

/**
 * Lists the topics of a bag, by name.
 *
 * @throws {SourceError} for what is no bag.
 */
export async function listBag(
  { path }: BagName,
  log: Logger,
): Promise<SourceTopic[]> {
  using bag = await openBag(path, log);
  const counts = await bag.countMessages();
  const seconds = (bag.end - bag.start) / 1000;
  return bag.topics.map((topic) => {
    const { name, type } = topic;
    const messages = counts.get(topic) ?? 0;
    const rate = seconds > 0 ? messages / seconds : undefined;
    return { name, type, messages, rate, use: useOf(knownTopic(topic)?.kind) };
  }).toSorted((a, b) => a.name < b.name ? -1 : 1);
}

async function openBag(path: string, log: Logger): Promise<Bag> {
  const file = await isBagFolder(path) ? await fileOfFolder(path) : path;
  const [, open] = OPENERS.find(([extension]) =>
    file.toLowerCase().endsWith(extension)
  )!;
  return await open(file, log);
}

/** What rosbag2 writes beside the files of a bag. */
const METADATA = "metadata.yaml";

async function isBagFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(`${path}/${METADATA}`)).isFile;
  } catch {
    return false;
  }
}

/** Finds the one file of a bag's folder. */
async function fileOfFolder(folder: string): Promise<string> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (OPENERS.some(([end]) => name.toLowerCase().endsWith(end))) {
      files.push(name);
    }
  }
  if (files.length === 1) return `${folder}/${files[0]}`;
  throw new SourceError(
    files.length === 0
      ? `The bag ${folder} has no file that is read; those of ` +
        `${OPENERS.map(([end]) => end).join(" and ")} are, uncompressed`
      : `The bag ${folder} is in ${files.length} files: give one of them, ` +
        `such as ${folder}/${files.toSorted()[0]}`,
  );
}
