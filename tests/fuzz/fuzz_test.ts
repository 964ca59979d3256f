/** The fuzzing itself: that it finds something, the same each time. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { fuzzSettings } from "./settings.ts";
import { testWith } from "../support.ts";
import { fuzz } from "./fuzz.ts";
import { anyMutant, mutate } from "./mutations.ts";

const CORPUS = ["v=0\r\ncount: 17\r\n", "hello"].map((text) =>
  new TextEncoder().encode(text)
);

Deno.test("The same seed makes the same messages, another others", () => {
  const make = (seed: number) =>
    fc.sample(anyMutant, { seed, numRuns: 300 })
      .map((mutant) => mutate(CORPUS, mutant).join());
  assertEquals(make(1), make(1));
  const others = make(2);
  const same = make(1).filter((each, i) => each === others[i]);
  assert(same.length < 100, `${same.length}`);
  assert(new Set(make(1)).size > 100);
});

testWith(
  [],
  "A failing input is found, made small, kept and tried again",
  async () => {
    // A replay tries what was kept, and nothing else.
    if (fuzzSettings().replay !== undefined) return;
    const folder = await Deno.makeTempDir({ prefix: "pointwire-" });
    try {
      const check = ([bytes]: Uint8Array[]) => {
        const text = new TextDecoder().decode(bytes);
        const [, count] = /count: (\d+)/.exec(text) ?? [];
        assert(Number(count ?? 0) < 1e9, "planted");
      };
      const options = {
        name: "planted",
        inputs: 8_000,
        corpus: CORPUS,
        folder,
      };
      const { message } = await assertRejects(
        () => fuzz(options, check),
        Error,
      );
      const path = message.split("see ")[1];
      const kept = JSON.parse(await Deno.readTextFile(path));
      assertEquals([kept.name, kept.input.length], ["planted", 1]);
      const replayed = () => fuzz({ ...options, replay: path }, check);
      await assertRejects(replayed, Error, "planted");
      await fuzz({ ...options, name: "another", replay: path }, check);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
