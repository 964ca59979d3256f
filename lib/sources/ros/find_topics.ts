import { settlesWithin } from "../../async.ts";
import type { Logger } from "../../log.ts";
import { matchesName } from "../../session_name.ts";
import { SourceError } from "../errors.ts";
import type { RosBridge } from "./bridge.ts";
import type { Channel } from "./foxglove_protocol.ts";

export interface FindTopicsOptions {
  /** Names, and patterns, in which `*` is any text. */
  asked: readonly string[];
  /** What is looked for, as messages name it, such as `cloud`. */
  what: string;
  /** Tells whether a channel is of that. */
  isOne(channel: Channel): boolean;
  log: Logger;
  signal: AbortSignal;
}

/** Time for a bridge to answer before it is said that it is waited for. */
const ANSWER_MS = 3_000;
/** Quiet after which a bridge has said all the topics that it has. */
const SETTLE_MS = 300;
/** Most topics that one source has, and that a message lists. */
const MAX_TOPICS = 64;
const MAX_LISTED = 10;

/**
 * Finds topics of a bridge. One that is named needn't be there yet; of patterns
 * those are taken that match once the bridge has said what it has, and the
 * first is waited for.
 *
 * @throws {SourceError} for a topic that is there and is of something else.
 * @throws the signal's reason when it is aborted.
 */
export async function findTopics(
  bridge: RosBridge,
  options: FindTopicsOptions,
): Promise<string[]> {
  const { asked, what, log, signal } = options;
  const names = asked.filter((name) => !name.includes("*"));
  const patterns = asked.filter((name) => name.includes("*"));
  const isThere = () => findNow(bridge, options, patterns).length > 0;
  const areThere = () =>
    bridge.hasAnswered && names.every((name) => bridge.topics.has(name)) &&
      (patterns.length === 0 || isThere()) || undefined;
  if (!await isFoundWithin(ANSWER_MS, bridge, areThere, signal)) {
    for (const name of asked) {
      if (bridge.topics.has(name)) continue;
      if (patterns.includes(name) && isThere()) continue;
      log.info(`waiting for the ${what} topic`, {
        topic: name,
        there: listOf(bridge, options),
      });
    }
  }
  if (patterns.length > 0) {
    await bridge.find(() => isThere() || undefined, signal);
    await settle(bridge, signal);
  }
  for (const name of names) checkKind(bridge, name, options);
  const found = [
    ...new Set([...names, ...findNow(bridge, options, patterns)]),
  ];
  if (found.length <= MAX_TOPICS) return found;
  throw new SourceError(
    `${asked.join(",")} matches ${found.length} topics, and at most ` +
      `${MAX_TOPICS} are taken: name those that are wanted`,
  );
}

/** Waits until a bridge has said nothing of topics for a moment. */
export async function settle(
  bridge: RosBridge,
  signal: AbortSignal,
): Promise<void> {
  let isQuiet = false;
  while (!isQuiet) {
    const changed = Promise.withResolvers<void>();
    const unwatch = bridge.watch(changed.resolve);
    try {
      isQuiet = !await settlesWithin(SETTLE_MS, changed.promise, signal);
    } finally {
      unwatch();
    }
  }
}

async function isFoundWithin(
  ms: number,
  bridge: RosBridge,
  find: () => true | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  const timer = setTimeout(() => enough.abort(), ms);
  try {
    return await bridge.find(find, either);
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function findNow(
  bridge: RosBridge,
  { isOne }: FindTopicsOptions,
  patterns: readonly string[],
): string[] {
  return [...bridge.topics]
    .filter(([name, channel]) =>
      isOne(channel) && patterns.some((pattern) => matchesName(pattern, name))
    )
    .map(([name]) => name)
    .sort();
}

function checkKind(
  bridge: RosBridge,
  name: string,
  options: FindTopicsOptions,
): void {
  const { what, isOne } = options;
  const channel = bridge.topics.get(name);
  if (channel === undefined || isOne(channel)) return;
  throw new SourceError(
    `The topic ${name} has ${channel.schemaName} in ${channel.encoding}, ` +
      `which is no ${what} that is read; there are ` +
      (listOf(bridge, options).join(", ") || "none yet"),
  );
}

function listOf(bridge: RosBridge, options: FindTopicsOptions): string[] {
  return findNow(bridge, options, ["*"]).slice(0, MAX_LISTED);
}
