import { listSource } from "../sources/list.ts";
import type { RosBridges } from "../sources/ros/bridges.ts";
import type { SourceTopic } from "../sources/source_topics.ts";
import type { SourceOptions } from "./source_options.ts";

/**
 * Lists the topics of a source as a table: name, type, messages, rate, and what
 * can be sent of it.
 *
 * @throws {SourceError} where it has none, or can't be read.
 */
export async function listSourceOf(
  { source, ...options }: Pick<SourceOptions, "source" | "ros" | "log">,
  bridges: RosBridges,
): Promise<string> {
  const rows = [
    ["topic", "type", "messages", "rate", "sent as"],
    ...(await listSource(source, { ...options, bridges })).map(rowOf),
  ];
  const widths = rows[0].map((_, i) =>
    Math.max(...rows.map((row) => row[i].length))
  );
  return rows.map((row) =>
    row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd()
  ).join("\n");
}

function rowOf({ name, type, messages, rate, use }: SourceTopic): string[] {
  return [
    name,
    type,
    messages === undefined ? "" : `${messages}`,
    rate === undefined ? "" : `${rate.toFixed(1)} Hz`,
    use ?? "-",
  ];
}
