import { assertEquals } from "@std/assert";
import { ROOT, testWith } from "../support.ts";

testWith(
  [],
  "what the programs print is nothing that a terminal obeys",
  async () => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--no-lock",
        `
      import { printError, printJson, printLines } from "./lib/cli/print.ts";
      printError("no\\x1b[2J\\nnext");
      printLines("\\x9b1m\\nnext");
      printJson({ "\\x7f": "\\u202e\\n" });
    `,
      ],
      cwd: ROOT,
    }).output();
    const decoder = new TextDecoder();
    assertEquals(decoder.decode(stderr), "no\\u001b[2J\nnext\n");
    assertEquals(
      decoder.decode(stdout),
      '\\u009b1m\nnext\n{"\\u007f":"\\u202e\\n"}\n',
    );
  },
);
