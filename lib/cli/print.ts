/**
 * What the programs print besides their log. Some of it are words of a server,
 * or out of a file: a terminal obeys none of them.
 */
import { escapeControls, escapeLines } from "../foreign_text.ts";

/** Prints lines for people to standard error. */
export function printError(text: string): void {
  console.error(escapeLines(text));
}

/** Prints lines to standard output. */
export function printLines(text: string): void {
  console.log(escapeLines(text));
}

/** Prints a value as one line of JSON to standard output. */
export function printJson(value: unknown): void {
  console.log(escapeControls(JSON.stringify(value)));
}
