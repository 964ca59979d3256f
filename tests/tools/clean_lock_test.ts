import { assertEquals } from "@std/assert";
import { cleanLock } from "../../tools/clean_lock.ts";

const write = (lock: unknown) => JSON.stringify(lock, null, 2) + "\n";

const werift = {
  "werift@0.25.2": { integrity: "sha512-w", dependencies: ["debug@4.4.0"] },
};
const workspace = { dependencies: ["jsr:@std/assert@1.0.19"] };

Deno.test("cleanLock() takes out what stand-ins put in, and nothing else", () => {
  const lock = {
    version: "5",
    specifiers: {
      "jsr:@std/assert@1.0.19": "1.0.19",
      "npm:deno-std@1.4.0": "1.4.0",
      "npm:werift@0.25.2": "0.25.2",
    },
    jsr: {
      "@std/assert@1.0.19": { integrity: "0", dependencies: ["npm:deno-std"] },
    },
    npm: { "deno-std@1.4.0": { integrity: "sha512-d" }, ...werift },
    workspace,
  };
  assertEquals(
    cleanLock(write(lock)),
    write({
      version: "5",
      specifiers: {
        "jsr:@std/assert@1.0.19": "1.0.19",
        "npm:werift@0.25.2": "0.25.2",
      },
      npm: werift,
      workspace,
    }),
  );
});

Deno.test("cleanLock() changes nothing in a lock that is clean", () => {
  const text = write({ version: "5", npm: werift, workspace });
  assertEquals(cleanLock(text), text);
});

Deno.test("cleanLock() leaves out a section that becomes empty", () => {
  const text = write({ version: "5", npm: { "deno-std@1.4.0": {} } });
  assertEquals(cleanLock(text), write({ version: "5" }));
});

Deno.test("cleanLock() passes on text that is no lock", () => {
  const text = '<<<<<<< ours\n{ "jsr": {} }\n';
  assertEquals(cleanLock(text), text);
});
