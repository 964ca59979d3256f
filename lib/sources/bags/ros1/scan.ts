import { PointsError } from "../../../points/errors.ts";
import type { BagFile } from "../bag_file.ts";
import { Connections } from "./connections.ts";
import { OP, recordsIn, ROS1_MAGIC, type Ros1ChunkInfo } from "./records.ts";
import { readChunk, recordAt } from "./ros1_file.ts";

/** What is found in a file. */
export interface Ros1Index {
  connections: Connections;
  chunks: Ros1ChunkInfo[];
  /** Why it ends before its end, where it does. */
  damage?: string;
}

/** Most chunks of a file. */
const MAX_CHUNKS = 1_000_000;

/**
 * Finds the chunks of a file without an index, such as one that is cut off:
 * each is read once, as nothing else says what is in it.
 */
export async function scanRos1(file: BagFile): Promise<Ros1Index> {
  const connections = new Connections();
  const chunks: Ros1ChunkInfo[] = [];
  const damage = await scan(file, async (offset) => {
    if (chunks.length >= MAX_CHUNKS) {
      throw file.error(`it has more than ${MAX_CHUNKS} chunks`);
    }
    const chunk = await readInfo(file, connections, offset);
    if (chunk !== undefined) chunks.push(chunk);
  });
  return { connections, chunks, damage };
}

/** @returns why the file ends before its end; nothing where it doesn't. */
async function scan(
  file: BagFile,
  onChunk: (offset: number) => Promise<void>,
): Promise<string> {
  let at = ROS1_MAGIC.length;
  try {
    while (at < file.size) {
      const place = await recordAt(file, at);
      if (place === undefined) break;
      const { op } = place.fields;
      // What follows the chunks is the index, which isn't whole.
      if (op === OP.chunkInfo || op === OP.connection) break;
      if (op === OP.chunk) await onChunk(at);
      at = place.end;
    }
  } catch (error) {
    if (!(error instanceof PointsError)) throw error;
    return `it has no record at byte ${at}`;
  }
  return `it is cut off at byte ${file.size}`;
}

/** Reads what is in a chunk; nothing where it is damaged. */
async function readInfo(
  file: BagFile,
  connections: Connections,
  offset: number,
): Promise<Ros1ChunkInfo | undefined> {
  const info = { offset, start: Infinity, end: -Infinity, counts: new Map() };
  try {
    for (const record of recordsIn(await readChunk(file, offset))) {
      connections.learn(record);
      const { fields } = record;
      if (fields.op !== OP.message) continue;
      const connection = fields.uint32("conn");
      const time = fields.time("time");
      info.start = Math.min(info.start, time);
      info.end = Math.max(info.end, time);
      info.counts.set(connection, (info.counts.get(connection) ?? 0) + 1);
    }
    return info;
  } catch (error) {
    if (error instanceof PointsError) return undefined;
    throw error;
  }
}
