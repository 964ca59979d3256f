import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { PointsError } from "../../../lib/points/errors.ts";
import {
  formatPythonString,
  parsePythonLiteral,
  type PythonLiteral,
} from "../../../lib/points/npy/python_literal.ts";

function parse(text: string): PythonLiteral {
  return parsePythonLiteral(text, "it");
}

Deno.test("parsePythonLiteral() reads each kind of literal", () => {
  const literals: [string, PythonLiteral][] = [
    ["True", true],
    ["False", false],
    ["None", null],
    ["0", 0],
    ["-12", -12],
    ["3L", 3],
    ["''", ""],
    ["'a'", "a"],
    ['"a"', "a"],
    ["u'a'", "a"],
    ['"it\'s"', "it's"],
    ["()", []],
    ["[]", []],
    ["(1)", 1],
    ["(1,)", [1]],
    ["(1, 2)", [1, 2]],
    ["[1, 2, ]", [1, 2]],
    ["[1]", [1]],
    ["((1, 2), 'b')", [[1, 2], "b"]],
    ["{}", new Map()],
    ["{'a': 1}", new Map([["a", 1]])],
    [" {\n'a':(1,),\t'b' : [ ] , } ", new Map([["a", [1]], ["b", []]])],
  ];
  for (const [text, value] of literals) assertEquals(parse(text), value, text);
});

Deno.test("parsePythonLiteral() reads escapes", () => {
  const escapes = {
    "\\\\": "\\",
    "\\'": "'",
    '\\"': '"',
    "\\n\\t\\r": "\n\t\r",
    "\\x41": "A",
    "\\xe9": "é",
    "\\u20ac": "€",
    "\\U0001f600": "😀",
  };
  for (const [text, value] of Object.entries(escapes)) {
    assertEquals(parse(`'${text}'`), value);
  }
});

Deno.test("parsePythonLiteral() says where it couldn't go on", () => {
  const texts = {
    "": "cut off",
    "{'a'": "cut off",
    "'a": "cut off",
    "(1, ": "cut off",
    "'\\x4'": "character 2",
    "'\\q'": "character 2",
    "'\\U00110000'": "character 2",
    "{'a': 1} x": 'unexpected "x" at character 9',
    "{1: 2}": "character 2",
    "{'a': 1, 'a': 2}": "character 12",
    "{'a' 1}": "character 5",
    "(,)": "character 1",
    "(1 2)": "character 3",
    "(1,,)": "character 3",
    "1.5": "character 1",
    "1 + 1": "character 2",
    "__import__('os')": "character 10",
    "'a\n'": "character 2",
  };
  for (const [text, where] of Object.entries(texts)) {
    const error = assertThrows(() => parse(text), PointsError, where, text);
    assertEquals(error.reason, "header");
    assert(error.message.startsWith("Cannot read it: "));
  }
});

Deno.test("parsePythonLiteral() stops where nesting makes no sense", () => {
  for (const open of ["(", "[", "{'a':"]) {
    assertThrows(() => parse(open.repeat(100_000)), PointsError);
  }
});

Deno.test("parsePythonLiteral() reads any text or throws PointsError", () => {
  const tokens = fc.constantFrom(
    ..."{}[](),:'\"\\ -0123456789LuTF\n".split(""),
    "True",
    "'descr'",
    "\\x",
    "\\U",
  );
  const texts = fc.array(tokens).map((parts) => parts.join(""));
  fc.assert(fc.property(fc.oneof(texts, fc.string()), (text) => {
    try {
      parse(text);
    } catch (error) {
      assert(error instanceof PointsError, `${error}`);
    }
  }));
});

Deno.test("formatPythonString() is undone by parsePythonLiteral()", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (value) => {
    const text = formatPythonString(value);
    assert(/^[ -~]*$/.test(text), text);
    assertEquals(parse(text), value);
  }));
});
