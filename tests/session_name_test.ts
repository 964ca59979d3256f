import { assertEquals, assertMatch } from "@std/assert";
import {
  matchesName,
  MAX_NAME_CHARACTERS,
  nameFrom,
  numberedName,
  whyNoName,
} from "../lib/session_name.ts";

Deno.test("whyNoName() takes what is one name everywhere", () => {
  const names = [
    "robot-7",
    "robot-7/front",
    "a",
    "0",
    "_x",
    "192.0.2.2",
    "A.b",
  ];
  for (const name of [...names, "x".repeat(MAX_NAME_CHARACTERS)]) {
    assertEquals(whyNoName(name), undefined, name);
  }
  const others = [
    "",
    "/",
    "a/",
    "/a",
    "a//b",
    ".",
    "..",
    "a/../b",
    "-a",
    "a b",
  ];
  for (const name of [...others, "a\n", "ä", "a*", "a?b", "a%2Fb", "a:b"]) {
    assertMatch(whyNoName(name) ?? "", /^a name has letters/, name);
  }
  assertEquals(
    whyNoName("x".repeat(65)),
    "it has 65 characters, more than 64",
  );
});

Deno.test("nameFrom() makes a name of a machine's, whatever it is", () => {
  const made = {
    "robot-7": "robot-7",
    "Änne's PC.local": "nne-s-PC.local",
    "2001:db8::1": "2001-db8-1",
    "../../etc": "etc",
    "  ": "session",
    "-.-": "session",
  };
  for (const [machine, name] of Object.entries(made)) {
    assertEquals(nameFrom(machine), name);
    assertEquals(whyNoName(name), undefined);
  }
  const long = nameFrom("x".repeat(300));
  assertEquals(long.length, MAX_NAME_CHARACTERS);
  assertEquals(whyNoName(numberedName(long, 12)), undefined);
  assertEquals(numberedName("robot", 2), "robot-2");
});

Deno.test("matchesName() takes * for any text", () => {
  const matching = [
    ["robot-7", "robot-7"],
    ["robot-*", "robot-7"],
    ["*", "robot-7"],
    ["*-7", "robot-7"],
    ["lab/*/front", "lab/a/b/front"],
    ["a*b*c", "abbc"],
  ];
  for (const [pattern, name] of matching) {
    assertEquals(matchesName(pattern, name), true, `${pattern} ${name}`);
  }
  const others = [
    ["robot-7", "robot-71"],
    ["robot-*", "robot"],
    ["ab*ba", "aba"],
    ["a*b*c", "acb"],
    ["", "a"],
    ["r.bot", "robot"],
  ];
  for (const [pattern, name] of others) {
    assertEquals(matchesName(pattern, name), false, `${pattern} ${name}`);
  }
});
