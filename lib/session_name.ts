/** What people, URLs and tokens call a session by. */
import { MAX_FOREIGN_CHARACTERS } from "./foreign_text.ts";

/** Most characters of a session's name. */
export const MAX_NAME_CHARACTERS = 64;

/** Between two slashes, which group: it is no path such as `..`. */
const PART = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/**
 * Tells what keeps a text from being the name of a session: parts of letters,
 * digits and `_.-`, with slashes between, as in `robot-7/front`.
 *
 * @returns a clause; nothing where it is one.
 */
export function whyNoName(text: string): string | undefined {
  if (text.length > MAX_NAME_CHARACTERS) {
    return `it has ${text.length} characters, more than ${MAX_NAME_CHARACTERS}`;
  }
  if (text.split("/").every((part) => PART.test(part))) return undefined;
  return "a name has letters, digits and _.- alone, with a letter, a digit " +
    "or _ first, and / between the parts";
}

/** Tells whether a value can be the name of a session. */
export function isSessionName(value: unknown): value is string {
  return typeof value === "string" && whyNoName(value) === undefined;
}

/** Makes a name of what a machine is called, or of its address. */
export function nameFrom(machine: string): string {
  const name = machine.slice(0, MAX_FOREIGN_CHARACTERS)
    .replace(/[^A-Za-z0-9_.-]+/g, "-")
    .replace(/^[.-]+|[.-]+$/g, "")
    .slice(0, MAX_NAME_CHARACTERS);
  return name === "" ? "session" : name;
}

/** Makes another name of one that is in use: `robot`, `robot-2`, `robot-3`. */
export function numberedName(name: string, number: number): string {
  const end = `-${number}`;
  return name.slice(0, MAX_NAME_CHARACTERS - end.length) + end;
}

/** Tells whether a name is one that a pattern stands for; `*` is any text. */
export function matchesName(pattern: string, name: string): boolean {
  const [start, ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === name;
  const end = rest.pop()!;
  if (!name.startsWith(start)) return false;
  let at = start.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length >= at + end.length && name.endsWith(end);
}
