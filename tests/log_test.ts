import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  createLogger,
  LOG_LEVELS,
  type Logger,
  type LoggerOptions,
} from "../lib/log.ts";

function capture(
  options: LoggerOptions = {},
): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  return { log: createLogger({ write, ...options }), lines };
}

/** The line that a text logger writes, without its time. */
function textOf(fields: Record<string, unknown>): string {
  const { log, lines } = capture();
  log.info("m", fields);
  return lines[0].replace(/^\S+ /, "");
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

Deno.test("createLogger() writes time, level, message and fields", () => {
  const { log, lines } = capture();
  log.warn("frame lost", { frame: 7, why: "late" });
  const [time, ...rest] = lines[0].split(" ");
  assertMatch(time, ISO_TIME);
  assertEquals(rest.join(" "), "WARN  frame lost frame=7 why=late");
});

Deno.test("createLogger() writes only lines of its level and above", () => {
  for (const [index, level] of LOG_LEVELS.entries()) {
    const { log, lines } = capture({ level });
    for (const at of LOG_LEVELS) {
      log[at](at);
      assertEquals(log.isEnabled(at), LOG_LEVELS.indexOf(at) >= index);
    }
    const written = lines.map((line) => line.split(/ +/)[2]);
    assertEquals(written, LOG_LEVELS.slice(index));
  }
});

Deno.test("createLogger() writes info and above where no level is set", () => {
  const { log, lines } = capture();
  log.debug("no");
  log.info("yes");
  assertEquals(lines.length, 1);
  assertEquals([log.isEnabled("debug"), log.isEnabled("info")], [false, true]);
});

Deno.test("child() adds its fields to those of its ancestors", () => {
  const { log, lines } = capture();
  const child = log.child({ session: "a" }).child({ track: 1 });
  child.info("one", { frame: 2 });
  child.info("two", { session: "b" });
  log.info("three");
  assertEquals(lines.map((line) => line.replace(/^\S+ INFO {2}/, "")), [
    "one session=a track=1 frame=2",
    "two session=b track=1",
    "three",
  ]);
});

Deno.test("child() keeps the level and the format", () => {
  const { log, lines } = capture({ level: "error", format: "json" });
  const child = log.child({ session: "a" });
  child.warn("no");
  child.error("yes");
  assertEquals(lines.length, 1);
  assertEquals(JSON.parse(lines[0]).session, "a");
  assertEquals(child.isEnabled("warn"), false);
});

Deno.test("createLogger() writes JSON", () => {
  const { log, lines } = capture({ format: "json" });
  log.info("done", { frame: 1, text: 'a "b"\n', none: null, gone: undefined });
  const { time, ...rest } = JSON.parse(lines[0]);
  assertMatch(time, ISO_TIME);
  assertEquals(rest, {
    level: "info",
    message: "done",
    frame: 1,
    text: 'a "b"\n',
    none: null,
  });
});

Deno.test("createLogger() writes each kind of value", () => {
  const cases: [unknown, string][] = [
    [1.5, "1.5"],
    [true, "true"],
    [10n, "10"],
    [null, "null"],
    ["plain", "plain"],
    ["", '""'],
    ["two words", '"two words"'],
    ["a=b", '"a=b"'],
    ['say "no"', String.raw`"say \"no\""`],
    ["größer", "größer"],
    [{ a: [1, "x"], b: 2n }, '{"a":[1,"x"],"b":"2"}'],
    [new Error("it broke"), '"it broke"'],
    [{ cause: new Error("inside") }, '{"cause":"inside"}'],
  ];
  for (const [value, text] of cases) {
    assertEquals(textOf({ value }), `INFO  m value=${text}`);
  }
});

Deno.test("createLogger() leaves out fields that are undefined", () => {
  assertEquals(textOf({ a: undefined, b: 1 }), "INFO  m b=1");
});

Deno.test("createLogger() keeps what a peer sent on one line, and harmless", () => {
  const hostile = [
    "two\nlines",
    "return\rover",
    "\x1b[2Jclear",
    "bell\x07",
    "delete\x7f",
    "\x9b31mred",
    "turn\u202eround",
    "line\u2028end",
    "tag\u{e0001}",
    "lone\ud800",
  ];
  for (const format of ["text", "json"] as const) {
    for (const text of hostile) {
      const { log, lines } = capture({ format });
      log.child({ label: text }).info("m", { text, list: [text] });
      assertEquals(/[^\x20-\x7e]/.test(lines[0]), false, lines[0]);
      const json = format === "json"
        ? JSON.parse(lines[0]).text
        : JSON.parse(/ text=("(?:[^"\\]|\\.)*")/.exec(lines[0])![1]);
      assertEquals(json, text);
    }
  }
});

Deno.test("createLogger() shows an error's stack at debug level only", () => {
  const error = new Error("it broke");
  for (const format of ["text", "json"] as const) {
    const quiet = capture({ format });
    quiet.log.error("failed", { error });
    assertEquals(quiet.lines[0].includes("log_test.ts"), false);
    assertStringIncludes(quiet.lines[0], "it broke");

    const verbose = capture({ format, level: "debug" });
    verbose.log.error("failed", { error });
    assertStringIncludes(verbose.lines[0], "log_test.ts");
    assertEquals(verbose.lines[0].includes("\n"), false);
  }
});

Deno.test("createLogger() writes BigInts and errors deep in JSON", () => {
  const { log, lines } = capture({ format: "json" });
  log.info("m", { list: [1n, new Error("inside")] });
  assertEquals(JSON.parse(lines[0]).list, ["1", "inside"]);
});

Deno.test("createLogger() cuts what is long, and says so", () => {
  const cut = `${"x".repeat(200)}… (4096 characters)`;
  const long = "x".repeat(4096);
  for (const format of ["text", "json"] as const) {
    const { log, lines } = capture({ format });
    log.child({ inherited: long }).warn("m", { long, list: [{ a: long }] });
    assertEquals(lines[0].split("… (4096 characters)").length - 1, 3, format);
    assert(lines[0].length < 1_000, lines[0]);
  }
  assertEquals(textOf({ value: long }), `INFO  m value="${cut}"`);
  assertEquals(textOf({ value: "x".repeat(200) }).includes("…"), false);

  const list = Array.from({ length: 300 }, (_, i) => i);
  const shown = [...list.slice(0, 20), "… (300 elements)"];
  assertEquals(textOf({ list }), `INFO  m list=${JSON.stringify(shown)}`);
  assertEquals(
    textOf({ error: new Error("y".repeat(5000)) }),
    `INFO  m error="${"y".repeat(1000)}… (5000 characters)"`,
  );
});

Deno.test("createLogger() cuts stacks at debug level, too", () => {
  const { log, lines } = capture({ level: "debug" });
  const error = new Error("z".repeat(100_000));
  log.error("failed", { error, inside: { error } });
  assert(lines[0].length < 20_000, `${lines[0].length}`);
});
