import type { Logger } from "../../log.ts";
import type { NamedType } from "../../points/field.ts";
import type { NamedSource, OpenedSource } from "../opened_source.ts";
import type { PointSource } from "../source.ts";
import { hasClouds } from "../source_topics.ts";
import { streamNames } from "../topic_names.ts";
import { readRosAddress } from "./address.ts";
import { BridgeTransforms } from "./bridge_transforms.ts";
import type { RosBridges } from "./bridges.ts";
import { kindOf } from "./channels.ts";
import { findTopics } from "./find_topics.ts";
import { TopicSource } from "./topic_source.ts";

export interface RosSourceOptions {
  /** The connections that there are. */
  bridges: RosBridges;
  /** URL of the bridge, where the name has none. */
  url?: string;
  /** The frame that clouds are placed in. @default {the root above each} */
  fixedFrame?: string;
  /** Gives just these fields of each cloud. @default {all} */
  fields?: readonly NamedType[];
  log: Logger;
}

/**
 * Opens topics of a Foxglove server, such as foxglove_bridge, as streams called
 * after them: `ros:/points`, `ros:*`, `foxglove+ws://robot:8765/points`.
 *
 * @throws {SourceError} for what is no such name, and for a topic that has no
 * clouds.
 * @throws the reason of the bridges' signal when it is aborted.
 */
export async function openRosSource(
  name: string,
  { bridges, url, fixedFrame, fields, log }: RosSourceOptions,
): Promise<OpenedSource> {
  const address = readRosAddress(name, url);
  const used = bridges.use(address.url);
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(used);
  const { bridge } = used;
  const topics = await findTopics(bridge, {
    asked: address.topics,
    what: "cloud",
    isOne: (channel) => hasClouds(kindOf(channel)),
    signal: bridges.signal,
    log,
  });
  const transforms = cleanup.use(
    new BridgeTransforms(bridge, { fixedFrame, log }),
  );
  const shared = cleanup.move();
  let left = topics.length;
  const names = streamNames(topics);
  const streams = topics.map((topic, i): NamedSource => {
    const options = { topic, fields, log };
    const source = new TopicSource(bridge, transforms.tree, options);
    return {
      name: names[i],
      source: disposedOnce(source, async () => {
        if (--left === 0) await shared[Symbol.asyncDispose]();
      }),
    };
  });
  return { streams };
}

/** A source that is let go once, and then what it shares with others. */
function disposedOnce(
  source: PointSource & AsyncDisposable,
  then: () => Promise<void>,
): PointSource {
  let isOver = false;
  return {
    pace: source.pace,
    get skipped() {
      return source.skipped;
    },
    next: (frame, seconds) => source.next(frame, seconds),
    [Symbol.asyncDispose]: async () => {
      if (isOver) return;
      isOver = true;
      await source[Symbol.asyncDispose]();
      await then();
    },
  };
}
