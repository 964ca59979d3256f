/** A part of some bytes: from `start` up to `end`, which is not of it. */
export interface ByteRange {
  start: number;
  end: number;
}

const RANGE = /^bytes=\s*(?:(\d+)-(\d*)|-(\d+))\s*$/i;

/**
 * Reads a `Range` field (RFC 9110 section 14.1.2). Of several ranges, and of
 * what is no range of bytes, all is given: section 14.2 lets a server.
 *
 * @param size of what it is a range of, bytes.
 * @returns nothing for all of it, `"unsatisfiable"` for none.
 */
export function readRange(
  field: string | null,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first, last, suffix] = RANGE.exec(field ?? "") ?? [];
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  if (first === undefined) return undefined;
  const start = Number(first);
  const end = last === "" ? size : Math.min(size, Number(last) + 1);
  // One whose end is before its start is none (section 14.1.1).
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, end };
}
