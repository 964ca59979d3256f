/** The names of sessions as a tree: a slash makes a group. */

/** One line of the tree. */
export interface TreeLine {
  /** The session's name, or the group's with a slash at its end. */
  name: string;
  /** Groups that it is in, each of which has a line above. */
  depth: number;
  /** Sessions of the group; nothing for a session. */
  sessions?: number;
}

/** Tells whether a name is that of a group: all that begins with it. */
export function isGroup(name: string | undefined): name is string {
  return name !== undefined && name.endsWith("/") && name.length > 1;
}

/**
 * Lists sessions by their names, with a line for each group that has more than
 * one; of groups that have the same sessions the innermost alone.
 */
export function sessionTree(names: readonly string[]): TreeLine[] {
  const lines: TreeLine[] = [];
  write(names.toSorted(byName), "", 0, lines);
  return lines;
}

/** Compares names as people do: `robot-9` is before `robot-10`. */
export function byName(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function write(
  names: readonly string[],
  group: string,
  depth: number,
  lines: TreeLine[],
): void {
  const parts = Map.groupBy(names, (name) => {
    const end = name.indexOf("/", group.length);
    return end < 0 ? name : name.slice(0, end + 1);
  });
  for (const [part, within] of parts) {
    if (!isGroup(part)) lines.push({ name: part, depth });
    else if (within.length === 1) lines.push({ name: within[0], depth });
    else {
      const next = within.map((name) => name.indexOf("/", part.length));
      const isOuter = next.every((end) => end >= 0) &&
        new Set(within.map((name, i) => name.slice(0, next[i]))).size === 1;
      if (!isOuter) {
        lines.push({ name: part, depth, sessions: within.length });
      }
      write(within, part, isOuter ? depth : depth + 1, lines);
    }
  }
}
