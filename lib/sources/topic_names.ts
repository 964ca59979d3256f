import { MAX_NAME_CHARACTERS, numberedName } from "../session_name.ts";

/**
 * Makes the names of streams of those of topics: without the slash that they
 * begin with; what a name can't have becomes `_`.
 */
export function streamNames(topics: readonly string[]): string[] {
  const taken = new Set<string>();
  return topics.map((topic) => {
    const plain = streamName(topic);
    let unique = plain;
    for (let number = 2; taken.has(unique); number++) {
      unique = numberedName(plain, number);
    }
    taken.add(unique);
    return unique;
  });
}

function streamName(topic: string): string {
  const parts = topic.split("/").filter((part) => part !== "").map((part) =>
    part.replace(/[^A-Za-z0-9_.-]/g, "_").replace(/^[.-]/, "_")
  );
  const name = parts.join("/").slice(0, MAX_NAME_CHARACTERS);
  return name.replace(/\/$/, "") || "points";
}
