/**
 * What a stranger says is never looked up in a plain object, which knows
 * `constructor`, `toString` and `__proto__` without having been told: a Map
 * knows none of them, and `Object.hasOwn` asks first.
 */
import { assertEquals } from "@std/assert";
import { modulesBelow, ROOT, testWith } from "./support.ts";

/** Looked up by words of our own alone. */
const OWN_WORDS = [
  // Reasons of ours.
  "lib/transport/ice/candidates.ts: ignored[why]",
  // Names that both sides of a sum have.
  "lib/observability/session_totals.ts: left[name]",
  "lib/observability/session_totals.ts: right[name]",
  "lib/observability/session_totals.ts: result[name]",
  // Names of the table of options.
  "lib/cli/options.ts: parsed[name]",
  "lib/cli/options.ts: spec[name]",
  // Names of werift's insides.
  "lib/transport/werift/association.ts: fields[name]",
  "lib/transport/werift/shape.ts: (…)[name]",
];

/** A dictionary of any words: its name, or of a type, an alias of one. */
const DICTIONARY = String.raw`(?:Readonly<|Partial<)*Record<\s*string\b`;

/** Lookups by a variable in what a module declares as such a dictionary. */
function lookupsIn(text: string, properties: ReadonlySet<string>): string[] {
  const code = withoutComments(text);
  const types = namesOf(code, `type (\\w+) = ${DICTIONARY}`);
  const kind = [DICTIONARY, ...types.map((type) => `${type}\\b`)].join("|");
  const found: string[] = [];
  const cast = new RegExp(`\\([^()]*\\bas (?:${kind})[^()]*\\)\\[(\\w+)\\]`);
  for (const [, key] of code.matchAll(new RegExp(cast, "g"))) {
    found.push(`(…)[${key}]`);
  }
  const names = new Set([
    ...namesOf(code, `(\\w+)\\??: (?:${kind})`),
    ...namesOf(code, `const (\\w+) = [^;]*\\bas unknown as (?:${kind})`),
    // const [a, b] = [x as Values, y as Values];
    ...Array.from(
      code.matchAll(
        new RegExp(`const \\[([^\\]]*)\\] = [^;]*as (?:${kind})`, "g"),
      ),
      ([, names]) => names.split(",").map((name) => name.trim()),
    ).flat(),
  ]);
  const access = /(\.)?#?\b(\w+)\??\.?\[([a-z]\w*(?:\.\w+|\([^()]*\))*)\]/g;
  for (const [, dot, name, key] of code.matchAll(access)) {
    const isOne = names.has(name) || (dot === "." && properties.has(name));
    const asksFirst = new RegExp(`Object\\.hasOwn\\([\\w.#]*\\b${name}, `);
    if (isOne && !asksFirst.test(code)) found.push(`${name}[${key}]`);
  }
  const within = /(?<!for \((?:const|let) )\b(\w+) in (\w+)\b/g;
  for (const [, key, name] of code.matchAll(within)) {
    if (names.has(name)) found.push(`${key} in ${name}`);
  }
  return found;
}

function namesOf(code: string, pattern: string): string[] {
  return Array.from(
    code.matchAll(new RegExp(pattern, "g")),
    ([, name]) => name,
  );
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

/** Names of properties that are such dictionaries, in any module. */
function propertiesOf(text: string): string[] {
  return namesOf(
    withoutComments(text),
    `^ +(?:readonly )?#?(\\w+)\\??: ${DICTIONARY}`.replace("^", "(?<=\\n)"),
  );
}

Deno.test("A lookup by any word in a plain object is found", () => {
  const found = (text: string) => lookupsIn(text, new Set(["methods"]));
  for (
    const [text, expected] of [
      ["const A: Record<string, X> = {};\na(A[word]);", ["A[word]"]],
      [
        "const A: Readonly<Record<string, X>> = {};\nA[f.word];",
        ["A[f.word]"],
      ],
      ["route.methods[request.method]", ["methods[request.method]"]],
      ["route.methods?.[method]", ["methods[method]"]],
      ["(value as Record<string, unknown>)[name]", ["(…)[name]"]],
      ["const A: Record<string, X> = {};\nif (word in A) {}", ["word in A"]],
      ["const A: Record<string, X> = {};\nA.word; A[0];", []],
      ["const A: X[] = [];\nA[word];", []],
      [
        "const A: Record<string, X> = {};\nif (Object.hasOwn(A, w)) A[w];",
        [],
      ],
    ] as const
  ) {
    assertEquals(found(text), [...expected], text);
  }
});

testWith([], "Nothing is looked up by a stranger's word", async () => {
  const modules = await Array.fromAsync(
    modulesBelow("lib"),
    async (path) => ({ path, text: await Deno.readTextFile(ROOT + path) }),
  );
  const properties = new Set(modules.flatMap(({ text }) => propertiesOf(text)));
  const found = modules.flatMap(({ path, text }) =>
    lookupsIn(text, properties).map((lookup) => `${path}: ${lookup}`)
  );
  assertEquals(
    [...new Set(found)].toSorted(),
    OWN_WORDS.toSorted(),
    "take a Map, or ask Object.hasOwn; or name it above as words of our own",
  );
});
