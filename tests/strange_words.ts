/**
 * Words that every plain object knows without having been told, and that a
 * stranger may say wherever a word is asked for.
 */
export const STRANGE_WORDS: readonly string[] = [
  ...Object.getOwnPropertyNames(Object.prototype),
  // Deno has no such accessor, browsers do.
  ...["__proto__", "prototype"],
];
