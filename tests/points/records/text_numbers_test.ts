import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  MAX_NUMBER_BYTES,
  NO_NUMBER,
  readBigInt,
  readNumber,
  writeBigInt,
  writeDouble,
  writeNumber,
  writeWhole,
} from "../../../lib/points/records/text_numbers.ts";

Deno.test("text numbers: float32 values are written as short as they can be", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [-0, "-0"],
    [1, "1"],
    [-42, "-42"],
    [100, "100"],
    [0.1, "0.1"],
    [-0.25, "-0.25"],
    [1 / 3, "0.33333334"],
    [18.324, "18.324"],
    [16777216, "16777216"],
    [999999999, "1000000000"],
    [123456.789, "123456.79"],
    [3.4028235e38, "3.4028235e+38"],
    [1e-5, "0.00001"],
    [1.5e-6, "1.5e-6"],
    [1e10, "1e10"],
    [1.17549435e-38, "1.1754944e-38"],
    [1.4e-45, "1e-45"],
    [NaN, "nan"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
  ];
  for (const [value, text] of cases) assertEquals(written(value), text);
});

Deno.test("text numbers: decimals are read as JavaScript reads them", () => {
  const texts = [
    ...["0", "-0", "+1", "1.", ".5", "-.5", "00012.50", "1e3", "1E-3", "1e+3"],
    ...["123456789012345678901234567890", "0.1e-30", "1e39", "1e-60"],
    ...["3.4028235677973366e+38", "0.000000000000000000000000000000000001"],
    ...["1.40129846432481707e-45", "9007199254740993", "1e22", "1e23"],
  ];
  for (const text of texts) {
    assertEquals(read(text), Number(text), text);
  }
});

Deno.test("text numbers: nan and inf are read in any case", () => {
  for (const text of ["nan", "NaN", "-nan", "NAN", "-nan(ind)", "nan(snan)"]) {
    assertEquals(read(text), NaN, text);
  }
  for (const text of ["inf", "+Inf", "INFINITY"]) {
    assertEquals(read(text), Infinity, text);
  }
  assertEquals(read("-inf"), -Infinity);
});

Deno.test("text numbers: what Microsoft's C wrote is read", () => {
  for (const text of ["1.#QNAN", "-1.#IND", "1.#SNAN", "-1.#IND00"]) {
    assertEquals(read(text), NaN, text);
  }
  assertEquals(read("1.#INF"), Infinity);
  assertEquals(read("-1.#INF00"), -Infinity);
});

Deno.test("text numbers: what is no number is refused", () => {
  const texts = ["", "-", "+", ".", "e5", "1e", "1e-", "1.2.3", "1,5", "0x10"];
  for (
    const text of [
      ...texts,
      "--1",
      "1f",
      "nann",
      "infinit",

      "Ω",
      "1.#",
      "2.#INF",
    ]
  ) {
    assertEquals(read(text), undefined, text);
  }
});

Deno.test("text numbers: any float32 reads back, whoever reads", () => {
  const words = fc.oneof(
    fc.integer({ min: 0, max: 0x7f7fffff }),
    fc.integer({ min: 0, max: 0x00800000 }),
  );
  fc.assert(
    fc.property(words, fc.boolean(), (word, isNegative) => {
      const magnitude = new Float32Array(Uint32Array.of(word).buffer)[0];
      const value = isNegative ? -magnitude : magnitude;
      const text = written(value);
      assert(text.length <= MAX_NUMBER_BYTES, text);
      assert(Object.is(Math.fround(read(text)!), value), text);
      assert(Object.is(Math.fround(Number(text)), value), text);
      assertEquals(digits(text), fewestDigits(value), text);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("text numbers: decimals of up to 6 digits come back as they are", () => {
  const decimal = fc.tuple(
    fc.integer({ min: -999999, max: 999999 }),
    fc.nat(5),
  );
  fc.assert(fc.property(decimal, ([whole, places]) => {
    const text = String(Number(`${whole}e-${places}`));
    if (!text.includes("e")) assertEquals(written(Number(text)), text);
  }));
});

Deno.test("text numbers: any float64 reads back", () => {
  fc.assert(fc.property(fc.double(), (value) => {
    const text = textOf((bytes) => writeDouble(bytes, 1, value));
    assert(text.length <= MAX_NUMBER_BYTES, text);
    assert(Object.is(read(text), value), text);
  }));
});

Deno.test("text numbers: whole numbers are written as they are", () => {
  const numbers = [0, 7, -10, 4278190080, 4294967295, -2147483648];
  for (const value of numbers) {
    assertEquals(textOf((bytes) => writeWhole(bytes, 1, value)), `${value}`);
  }
});

Deno.test("text numbers: any whole number of 64 bits reads back", () => {
  const any = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.constantFrom(-(2n ** 63n), 2n ** 64n - 1n, 2n ** 53n + 1n),
  );
  fc.assert(fc.property(any, (value) => {
    const text = textOf((bytes) => writeBigInt(bytes, 1, value));
    assert(text.length <= MAX_NUMBER_BYTES, text);
    assertEquals(bigInt(text), value);
  }));
});

Deno.test("text numbers: whole numbers are read however they are written", () => {
  assertEquals(bigInt("+5"), 5n);
  assertEquals(bigInt("5.000"), 5n);
  assertEquals(bigInt("1234567890123456789e1"), 12345678901234567890n);
  assertEquals(bigInt("1.67117E+07"), 16711700n);
  assertEquals(bigInt("1200e-2"), 12n);
  const texts = [
    "",
    "-",
    "1.5",
    "1e-1",
    "0x10",
    "nan",
    "1e21",
    "1e9999",
    "--1",
  ];
  for (const text of [...texts, "1".repeat(65), "1e-99"]) {
    assertEquals(bigInt(text), undefined, text);
  }
});

/** Returns what is written from the second byte on. */
function textOf(write: (bytes: Uint8Array) => number): string {
  const bytes = new Uint8Array(MAX_NUMBER_BYTES + 1);
  return new TextDecoder().decode(bytes.subarray(1, write(bytes)));
}

function written(value: number): string {
  return textOf((bytes) => writeNumber(bytes, 1, Math.fround(value)));
}

/** Reads a number between others; nothing where it is none. */
function read(text: string): number | undefined {
  const bytes = new TextEncoder().encode(`7 ${text} 7`);
  const out = new Float64Array(1);
  const end = readNumber(bytes, 2, out);
  if (end === NO_NUMBER) return undefined;
  assertEquals(end, bytes.length - 2);
  return out[0];
}

function bigInt(text: string): bigint | undefined {
  const bytes = new TextEncoder().encode(`7${text}7`);
  return readBigInt(bytes, 1, bytes.length - 1);
}

/** Counts the digits of a number's text that matter. */
function digits(text: string): number {
  const mantissa = text.replace(/^-/, "").replace(/e.*/, "");
  const trimmed = mantissa.replace(".", "").replace(/^0+/, "");
  return trimmed.replace(/0+$/, "").length;
}

/** Counts the digits that the nearest decimals need at least, by trying. */
function fewestDigits(value: number): number {
  if (value === 0) return 0;
  for (let count = 1;; count++) {
    const text = value.toExponential(count - 1);
    if (Math.fround(Number(text)) === value) return digits(text);
  }
}
