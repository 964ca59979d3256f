import { assertEquals } from "@std/assert";
import {
  escapeControls,
  escapeLines,
  foreignText,
  MAX_FOREIGN_CHARACTERS,
} from "../lib/foreign_text.ts";

/** What a terminal obeys or hides, and what is shown of it. */
const CASES: [text: string, shown: string][] = [
  ["\x1b[2J", "\\u001b[2J"], // clears the screen
  ["\x1b]0;title\x07", "\\u001b]0;title\\u0007"],
  ["\r\x7f\x9b31m", "\\u000d\\u007f\\u009b31m"],
  ["a\u202egnp.exe", "a\\u202egnp.exe"], // from right to left
  ["\u2066\u2069\u200b\ufeff", "\\u2066\\u2069\\u200b\\ufeff"],
  ["one\u2028two", "one\\u2028two"],
  ["\u{e0041}", "\\udb40\\udc41"], // an invisible letter of the tags
  ["Größe €, 点, 😀", "Größe €, 点, 😀"],
];

Deno.test("what a terminal obeys or hides is escaped", () => {
  for (const [text, shown] of CASES) {
    assertEquals(escapeControls(text), shown);
    assertEquals(foreignText(text), shown);
    assertEquals(escapeLines(`${text}\n${text}`), `${shown}\n${shown}`);
  }
  assertEquals(foreignText("one\ntwo"), "one\\u000atwo");
});

Deno.test("JSON that is escaped says the same", () => {
  const value = CASES.map(([text]) => text);
  assertEquals(JSON.parse(escapeControls(JSON.stringify(value))), value);
});

Deno.test("foreign words are cut, and it shows", () => {
  const most = "x".repeat(MAX_FOREIGN_CHARACTERS);
  assertEquals(foreignText(most), most);
  assertEquals(foreignText(`${most}x`), `${most.slice(1)}…`);
  for (const text of ["\x1b".repeat(1e6), "😀".repeat(1e6)]) {
    assertEquals(foreignText(text).length, MAX_FOREIGN_CHARACTERS);
  }
});
