import { PointsError } from "../../points/errors.ts";
import { messageKindOf } from "../../ros/message_kinds.ts";
import type { BagBytes } from "../../sources/bags/bag_bytes.ts";
import { Channels } from "../../sources/bags/mcap/channels.ts";
import {
  MCAP_MAGIC,
  type McapStatistics,
  OP,
  readMetadata,
  readStatistics,
  recordsIn,
} from "../../sources/bags/mcap/records.ts";
import { isMagic, readSummary } from "../../sources/bags/mcap/summary.ts";

/** Bytes in which a file of ours says what it is of. */
const HEAD_BYTES = 16 * 1024;

/** Most bytes of a summary that is read: an index of some days. */
const MAX_SUMMARY_BYTES = 32 * 1024 * 1024;

/** What an MCAP file says of itself: plain data. */
export interface McapFacts {
  /** The session that it is of, where one of ours wrote it. */
  session: { id: string; name: string } | undefined;
  /** Whether it has its index: it was closed as it should be. */
  isComplete: boolean;
  /** When its first and last messages came, milliseconds, where it says it. */
  start: number | undefined;
  end: number | undefined;
  /** Topics of clouds, as the streams are called. */
  streams: string[];
  /** Topics of pictures and of sound. */
  tracks: string[];
}

/**
 * Reads what a file says at its start and at its end.
 *
 * @returns nothing where it is no MCAP file.
 * @throws {SourceError} where it can't be read.
 */
export async function readMcapFacts(
  file: BagBytes,
): Promise<McapFacts | undefined> {
  const head = await file.read(0, HEAD_BYTES);
  if (!isMagic(head.subarray(0, MCAP_MAGIC.length))) return undefined;
  const session = sessionOf(head.subarray(MCAP_MAGIC.length));
  const summary = await readSummary(file, MAX_SUMMARY_BYTES);
  const channels = new Channels();
  let statistics: McapStatistics | undefined;
  for (const record of readable(summary ?? new Uint8Array())) {
    channels.learn(record);
    if (record.op === OP.statistics) {
      statistics = readStatistics(record.content);
    }
  }
  const hasMessages = statistics !== undefined && statistics.messages > 0;
  const topics = channels.topics.map(({ name, type }) => ({
    name: name.replace(/^\//, ""),
    kind: messageKindOf(type),
  }));
  return {
    session,
    isComplete: summary !== undefined,
    start: hasMessages ? statistics!.start : undefined,
    end: hasMessages ? statistics!.end : undefined,
    streams: topics
      .filter(({ kind }) => kind === "cloud" || kind === "encodedCloud")
      .map(({ name }) => name),
    tracks: topics
      .filter(({ kind }) => kind === "picture" || kind === "sound")
      .map(({ name }) => name),
  };
}

/** Finds the metadata that a file of ours begins with. */
function sessionOf(head: Uint8Array): McapFacts["session"] {
  for (const { op, content } of readable(head)) {
    if (op !== OP.metadata) continue;
    const { name, entries } = readMetadata(content);
    const session = entries.get("session");
    if (name !== "pointwire" || session === undefined) continue;
    return { id: entries.get("id") ?? "", name: session };
  }
}

/** The records up to the first that is damaged, or cut off. */
function* readable(bytes: Uint8Array) {
  try {
    yield* recordsIn(bytes);
  } catch (error) {
    if (!(error instanceof PointsError)) throw error;
  }
}
