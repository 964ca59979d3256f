import { PointsError } from "../errors.ts";

/** A value that a Python literal stands for; tuples are as lists. */
export type PythonLiteral =
  | string
  | number
  | boolean
  | null
  | readonly PythonLiteral[]
  | ReadonlyMap<string, PythonLiteral>;

/** Levels that a literal may nest: far more than any dtype does. */
const MAX_DEPTH = 16;

/** Escapes of one character, and what they stand for. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

/** Escapes of a character by its code, and the number of digits. */
const CODE_ESCAPES: ReadonlyMap<string, number> = new Map([
  ["x", 2],
  ["u", 4],
  ["U", 8],
]);

/**
 * Parses a Python literal, as far as headers of `.npy` files have them:
 * dictionaries with string keys, tuples, lists, strings, whole numbers (with
 * Python 2's suffix L), True, False and None.
 *
 * @param what it is, for errors.
 * @throws {PointsError} `header`, naming the character it couldn't go past.
 */
export function parsePythonLiteral(text: string, what: string): PythonLiteral {
  return new Parser(text, what).parse();
}

/** Formats a string as a Python string literal of ASCII characters. */
export function formatPythonString(value: string): string {
  let text = "'";
  for (const char of value) {
    const code = char.codePointAt(0)!;
    if (char === "'" || char === "\\") text += "\\" + char;
    else if (code >= 0x20 && code < 0x7f) text += char;
    else text += "\\U" + code.toString(16).padStart(8, "0");
  }
  return text + "'";
}

class Parser {
  readonly #text: string;
  readonly #what: string;
  #at = 0;
  #depth = 0;

  constructor(text: string, what: string) {
    this.#text = text;
    this.#what = what;
  }

  parse(): PythonLiteral {
    const value = this.#value();
    if (this.#peek() !== "") throw this.#unexpected();
    return value;
  }

  #value(): PythonLiteral {
    if (++this.#depth > MAX_DEPTH) throw this.#unexpected();
    const value = this.#valueAtDepth();
    this.#depth--;
    return value;
  }

  #valueAtDepth(): PythonLiteral {
    const char = this.#peek();
    switch (char) {
      case "{":
        return this.#dictionary();
      case "[":
        return this.#items("]").values;
      case "(": {
        const { values, commas } = this.#items(")");
        return values.length === 1 && commas === 0 ? values[0] : values;
      }
      case "'":
      case '"':
        return this.#string();
    }
    const word = this.#word();
    switch (word) {
      case "True":
        return true;
      case "False":
        return false;
      case "None":
        return null;
      case "u":
        // Python 2's unicode strings.
        return this.#string();
    }
    if (!/^-?\d+L?$/.test(word)) throw this.#unexpected();
    return parseInt(word, 10);
  }

  #dictionary(): PythonLiteral {
    const pairs = new Map<string, PythonLiteral>();
    this.#expect("{");
    while (this.#peek() !== "}") {
      const key = this.#value();
      if (typeof key !== "string" || pairs.has(key)) throw this.#unexpected();
      this.#expect(":");
      pairs.set(key, this.#value());
      if (this.#peek() !== "}") this.#expect(",");
    }
    this.#expect("}");
    return pairs;
  }

  #items(close: string): { values: PythonLiteral[]; commas: number } {
    const values: PythonLiteral[] = [];
    let commas = 0;
    this.#at++;
    while (this.#peek() !== close) {
      values.push(this.#value());
      if (this.#peek() === close) break;
      this.#expect(",");
      commas++;
    }
    this.#expect(close);
    return { values, commas };
  }

  #string(): string {
    const quote = this.#text[this.#at];
    if (quote !== "'" && quote !== '"') throw this.#unexpected();
    this.#at++;
    let value = "";
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || char === "\n") throw this.#unexpected();
      this.#at++;
      if (char === quote) return value;
      value += char === "\\" ? this.#escape() : char;
    }
  }

  #escape(): string {
    const char = this.#text[this.#at] ?? "";
    const escaped = ESCAPES.get(char);
    if (escaped !== undefined) {
      this.#at++;
      return escaped;
    }
    const count = CODE_ESCAPES.get(char);
    if (count === undefined) throw this.#unexpected();
    const start = this.#at + 1;
    const digits = this.#text.slice(start, start + count);
    const code = parseInt(digits, 16);
    const whole = digits.length === count && /^[0-9a-fA-F]+$/.test(digits);
    if (!whole || code > 0x10ffff) throw this.#unexpected();
    this.#at = start + digits.length;
    return String.fromCodePoint(code);
  }

  /** Takes a run of letters and digits, which may begin with a minus. */
  #word(): string {
    const pattern = /-?\w*/y;
    pattern.lastIndex = this.#at;
    const word = pattern.exec(this.#text)![0];
    this.#at += word.length;
    return word;
  }

  #expect(char: string): void {
    if (this.#peek() !== char) throw this.#unexpected();
    this.#at++;
  }

  /** Skips space, and returns the character after it; "" at the end. */
  #peek(): string {
    while (" \t\r\n\f".includes(this.#text[this.#at] ?? "-")) this.#at++;
    return this.#text[this.#at] ?? "";
  }

  #unexpected(): PointsError {
    const found = this.#text[this.#at];
    return new PointsError(
      "header",
      `Cannot read ${this.#what}: ` +
        (found === undefined
          ? "it is cut off"
          : `unexpected ${JSON.stringify(found)} at character ${this.#at}`),
    );
  }
}
