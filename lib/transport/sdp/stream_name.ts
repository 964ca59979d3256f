/** What tracks are called: the id of their stream (RFC 8830, `a=msid`). */
import { isSessionName } from "../../session_name.ts";
import type { Description } from "./description.ts";
import { attributeOf, isAttribute } from "./section.ts";

/** What browsers and aiortc make up where nobody names a stream. */
const MADE_UP = /^[0-9a-f]{8}-[0-9a-f]{4}-/i;

/** The name that a section's track was given, where it was given one. */
export function streamNameOf(lines: readonly string[]): string | undefined {
  const [name] = attributeOf(lines, "msid")?.split(" ", 1) ?? [];
  return isSessionName(name) && !MADE_UP.test(name) ? name : undefined;
}

/** Names the tracks of a description, by the names of their sections. */
export function nameStreams(
  { session, sections }: Description,
  names: ReadonlyMap<string, string>,
): Description {
  return {
    session,
    sections: sections.map((lines, index) => {
      const name = names.get(attributeOf(lines, "mid") ?? "");
      if (name === undefined) return lines;
      return [
        ...lines.filter((line) => !isAttribute(line, "msid")),
        msidLine(name, index),
      ];
    }),
  };
}

/** The attribute that names the stream of a section's track. */
export function msidLine(name: string, index: number): string {
  return `a=msid:${name} ${name}-${index}`;
}
