/** Whether objects of werift are as the pinned version has them. */
import { ConnectionError } from "../errors.ts";

/** `typeof` a value; "undefined" is a property that is there without one. */
type Kind =
  | "boolean"
  | "function"
  | "number"
  | "object"
  | "string"
  | "undefined";

/** What an object has: kinds of values by name, or by path (`outer.inner`). */
export type Shape = Readonly<Record<string, Kind>>;

/**
 * Names what an object lacks or has otherwise than a shape says; nothing where
 * it is as expected.
 */
export function oddsOf(object: unknown, shape: Shape): string[] {
  return Object.entries(shape)
    .map(([path, kind]) => ({ path, kind, is: kindAt(object, path) }))
    .filter(({ kind, is }) => is !== kind)
    .map(({ path, kind, is }) => `${path} is ${is} and not ${kind}`);
}

function kindAt(object: unknown, path: string): string {
  let value = object;
  for (const name of path.split(".")) {
    const isHolder = typeof value === "function" ||
      typeof value === "object" && value !== null;
    if (!isHolder || !(name in (value as object))) return "missing";
    value = (value as Record<string, unknown>)[name];
  }
  return value === null ? "null" : typeof value;
}

/**
 * Refuses an object that isn't of a shape: for what a connection is not safe
 * without.
 *
 * @param what what the object is, such as `ICE agent`.
 * @throws {ConnectionError} `failed`, naming what is odd.
 */
export function demandShape(
  what: string,
  object: unknown,
  shape: Shape,
): void {
  const [odd] = oddsOf(object, shape);
  if (odd !== undefined) throw refusal(what, odd);
}

/** Makes the error that refuses a connection for what is odd. */
export function refusal(what: string, odd: string): ConnectionError {
  return new ConnectionError(
    "failed",
    `The connection is refused, as werift's ${what} is not as known: ${odd}`,
  );
}
