import { assert, assertEquals } from "@std/assert";
import { isGroup, sessionTree } from "../../lib/viewer/session_tree.ts";

Deno.test("names are a tree by their slashes, groups of one are none", () => {
  const lines = sessionTree([
    "robot-10",
    "robot-7/base",
    "robot-9",
    "site/hall/a",
    "robot-7/arm/left",
    "robot-7/arm/right",
    "lone/session",
    "site/hall/b",
    "robot-7",
  ]);
  assertEquals(
    lines.map(({ name, depth, sessions }) =>
      `${"  ".repeat(depth)}${name}${sessions ? ` (${sessions})` : ""}`
    ),
    [
      "lone/session",
      "robot-7",
      "robot-7/ (3)",
      "  robot-7/arm/ (2)",
      "    robot-7/arm/left",
      "    robot-7/arm/right",
      "  robot-7/base",
      "robot-9",
      "robot-10",
      "site/hall/ (2)",
      "  site/hall/a",
      "  site/hall/b",
    ],
  );
  assertEquals(sessionTree([]), []);
});

Deno.test("a group's name ends with a slash", () => {
  assert(isGroup("robot-7/"));
  for (const name of ["robot-7", "robot-7/arm", "/", "", undefined]) {
    assert(!isGroup(name), name);
  }
});
