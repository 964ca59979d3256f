import { assertEquals, assertThrows } from "@std/assert";
import { formatHelp, parseOptions, UsageError } from "../../lib/cli/options.ts";

const SPEC = {
  points: {
    type: "integer",
    min: 1,
    max: 1000,
    default: 100,
    help: "Points of each frame",
  },
  rate: { type: "number", min: 0.001, default: 4, help: "Frames a second" },
  duration: { type: "number", min: 0, default: 10, help: "Seconds" },
  signaling: { type: "url", default: "http://localhost/", help: "The server" },
  media: { type: "text", default: "none", help: "A file" },
  record: { type: "text", help: "A folder" },
  cors: { type: "list", help: "Origins" },
  dialect: {
    type: "choice",
    choices: ["pointwire", "original"],
    default: "pointwire",
    help: "On the wire",
  },
  json: { type: "flag", help: "One line of JSON" },
  retry: { type: "flag", default: true, help: "Try again" },
} as const;

const DEFAULTS = {
  points: 100,
  rate: 4,
  duration: 10,
  signaling: "http://localhost/",
  media: "none",
  record: undefined,
  cors: [],
  dialect: "pointwire",
  json: false,
  retry: true,
};

function parse(...args: string[]) {
  return parseOptions(args, SPEC);
}

function assertRefused(args: string[], message: string): void {
  const error = assertThrows(() => parse(...args), UsageError);
  assertEquals(error.message, message, args.join(" "));
}

Deno.test("parseOptions() gives the defaults", () => {
  assertEquals(parse(), { ...DEFAULTS, dialect: "pointwire" });
});

Deno.test("parseOptions() reads each type", () => {
  const values = parse(
    ...["--points", "7", "--rate=2.5", "--duration", "0", "--json"],
    ...["--signaling", "https://[::1]:8443/offer", "--media", "a b=c.mp4"],
    ...["--record=-", "--dialect", "original"],
  );
  assertEquals(values, {
    points: 7,
    rate: 2.5,
    duration: 0,
    signaling: "https://[::1]:8443/offer",
    media: "a b=c.mp4",
    record: "-",
    cors: [],
    dialect: "original",
    json: true,
    retry: true,
  });
});

Deno.test("parseOptions() turns off what is on by default", () => {
  assertEquals(parse("--no-retry")?.retry, false);
  assertEquals(parse("--retry")?.retry, true);
  assertEquals(parse("--no-retry", "--retry")?.retry, true);
});

Deno.test("parseOptions() takes the last of an option given twice", () => {
  assertEquals(parse("--points", "1", "--points", "2")?.points, 2);
});

Deno.test("parseOptions() reads numbers as JavaScript writes them", () => {
  assertEquals(parse("--points", "1e3")?.points, 1000);
  assertEquals(parse("--rate", ".5")?.rate, 0.5);
});

Deno.test("parseOptions() gives nothing where help was asked for", () => {
  for (const args of [["--help"], ["-h"], ["--points", "5", "--help"]]) {
    assertEquals(parse(...args), undefined);
  }
});

Deno.test("parseOptions() names numbers that are out of range or none", () => {
  for (const text of ["0", "1001", "1.5", "abc", "NaN", "Infinity", "1 2"]) {
    assertRefused(
      ["--points", text],
      `--points is a whole number from 1 to 1000, not "${text}"`,
    );
  }
  for (const text of ["0", "abc", "1e999", "4Hz", "1,5"]) {
    assertRefused(
      ["--rate", text],
      `--rate is a number of at least 0.001, not "${text}"`,
    );
  }
  assertRefused(
    ["--duration=-1"],
    `--duration is a number of at least 0, not "-1"`,
  );
});

Deno.test("parseOptions() names options without a value", () => {
  for (const args of [["--points"], ["--points="], ["--points", "--json"]]) {
    assertRefused(args, "--points needs a value");
  }
  for (const name of ["rate", "duration", "media", "signaling", "dialect"]) {
    assertRefused([`--${name}=`], `--${name} needs a value`);
    assertRefused([`--${name}`, " "], `--${name} needs a value`);
  }
});

Deno.test("parseOptions() names URLs that are not HTTP", () => {
  for (const text of ["localhost:8080", "ftp://a/b", "offer", "http:"]) {
    assertRefused(
      ["--signaling", text],
      `--signaling is an http:// or https:// URL, not "${text}"`,
    );
  }
});

Deno.test("parseOptions() names the choices", () => {
  for (const text of ["Pointwire", "other", "pointwire,original"]) {
    assertRefused(
      ["--dialect", text],
      `--dialect is one of pointwire, original, not "${text}"`,
    );
  }
});

Deno.test("parseOptions() names unknown options", () => {
  const unknown = [
    ["--nosuch"],
    ["--nosuch=5"],
    ["-p"],
    ["-x5"],
    ["--Points"],
    ["--no-json"],
    ["--points.x"],
    ["--__proto__"],
    ["--constructor.prototype.points=1"],
  ];
  for (const args of unknown) {
    const message = `Unknown option ${args[0]}; --help lists the options`;
    assertRefused(args, message);
  }
});

Deno.test("parseOptions() reads operands in their order", () => {
  const spec = {
    from: { type: "operand", help: "What to read" },
    level: { type: "integer", min: 0, help: "How much" },
    to: { type: "operand", help: "What to write" },
  } as const;
  assertEquals(parseOptions(["7", "--level", "3", "-"], spec), {
    ...{ from: "7", level: 3, to: "-" },
  });
  assertEquals(parseOptions(["a", "--", "-b"], spec), {
    ...{ from: "a", level: undefined, to: "-b" },
  });
  assertThrows(() => parseOptions(["a"], spec), UsageError, "TO is missing");
  assertThrows(
    () => parseOptions(["a", "b", "c"], spec),
    UsageError,
    'Unexpected argument "c"',
  );
});

Deno.test("parseOptions() names arguments that no option takes", () => {
  const cases: [args: string[], argument: string][] = [
    [["extra"], "extra"],
    [["5"], "5"],
    [["--json", "extra"], "extra"],
    [["--points", "5", "6"], "6"],
    [["--", "extra"], "extra"],
    // As in `deno task client -- --points 5`: it would change nothing.
    [["--", "--points", "5"], "--points"],
  ];
  for (const [args, argument] of cases) {
    const message = `Unexpected argument "${argument}"; ` +
      `--help lists the options`;
    assertRefused(args, message);
  }
});

Deno.test("parseOptions() collects values that are repeated, or have commas", () => {
  const { cors } = parse("--cors", "a, b", "--cors=c")!;
  assertEquals(cors, ["a", "b", "c"]);
  for (const value of ["", " ", "a,,b", ","]) {
    assertRefused([`--cors=${value}`], "--cors needs a value");
  }
});

Deno.test("formatHelp() lists each option, its values and its default", () => {
  assertEquals(formatHelp("Usage: it [OPTIONS]", SPEC).split("\n"), [
    "Usage: it [OPTIONS]",
    "",
    "  --points N                    Points of each frame (100)",
    "  --rate N                      Frames a second (4)",
    "  --duration N                  Seconds (10)",
    "  --signaling URL               The server (http://localhost/)",
    "  --media TEXT                  A file (none)",
    "  --record TEXT                 A folder",
    "  --cors LIST                   Origins",
    "  --dialect pointwire|original  On the wire (pointwire)",
    "  --json                        One line of JSON",
    "  --retry                       Try again (on; --no-retry turns it off)",
    "",
  ]);
});
