import { settlesWithin } from "../../async.ts";
import { SYSTEM_CLOCK } from "../../clock.ts";
import { matchesName } from "../../session_name.ts";
import { SourceError } from "../errors.ts";
import { type SourceTopic, useOf } from "../source_topics.ts";
import { readRosAddress, shownUrl } from "./address.ts";
import type { RosBridge } from "./bridge.ts";
import type { RosBridges } from "./bridges.ts";
import { kindOf } from "./channels.ts";
import { settle } from "./find_topics.ts";

/** Time for a bridge to answer. */
const ANSWER_MS = 5_000;
/** Time for which messages are counted. */
const SAMPLE_MS = 2_000;

/**
 * Lists the topics of a Foxglove server, with the rates of those that can be
 * sent, which are counted for two seconds.
 *
 * @param name as for a source; topics that it doesn't match are left out.
 * @throws {SourceError} where the bridge doesn't answer within five seconds.
 */
export async function listRosTopics(
  name: string,
  { bridges, url }: { bridges: RosBridges; url?: string },
): Promise<SourceTopic[]> {
  const address = readRosAddress(name, url);
  await using used = bridges.use(address.url);
  const { bridge } = used;
  const { signal } = bridges;
  const answered = bridge.find(() => bridge.hasAnswered || undefined, signal);
  if (!await settlesWithin(ANSWER_MS, answered, signal)) {
    signal.throwIfAborted();
    throw new SourceError(
      `${
        shownUrl(address.url)
      } doesn't answer as a Foxglove server: is the bridge ` +
        "running there?",
    );
  }
  await settle(bridge, signal);
  const topics = [...bridge.topics].filter(([topic]) =>
    address.topics.some((pattern) => matchesName(pattern, topic))
  );
  const sent = topics.filter(([, channel]) => useOf(kindOf(channel)));
  const counts = await countMessages(bridge, sent.map(([topic]) => topic), {
    signal,
  });
  return topics.map(([topic, channel]): SourceTopic => {
    const count = counts.get(topic);
    return {
      name: topic,
      type: channel.schemaName,
      rate: count === undefined ? undefined : count / (SAMPLE_MS / 1000),
      use: useOf(kindOf(channel)),
    };
  }).toSorted((a, b) => a.name < b.name ? -1 : 1);
}

async function countMessages(
  bridge: RosBridge,
  topics: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map(topics.map((topic) => [topic, 0]));
  const subscribed = topics.map((topic) =>
    bridge.subscribe(topic, () => counts.set(topic, counts.get(topic)! + 1))
  );
  await SYSTEM_CLOCK.sleep(SAMPLE_MS, signal);
  for (const unsubscribe of subscribed) unsubscribe();
  signal.throwIfAborted();
  return counts;
}
