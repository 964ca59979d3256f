import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  MAX_NUMBER_BYTES,
  readNumber,
  readWhole,
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
    assertEquals(read(text), Math.fround(Number(text)), text);
  }
});

Deno.test("text numbers: nan and inf are read in any case", () => {
  for (const text of ["nan", "NaN", "-nan", "NAN"]) {
    assertEquals(read(text), NaN);
  }
  for (const text of ["inf", "+Inf", "INFINITY"]) {
    assertEquals(read(text), Infinity);
  }
  assertEquals(read("-inf"), -Infinity);
});

Deno.test("text numbers: what is no number is refused", () => {
  const texts = ["", "-", "+", ".", "e5", "1e", "1e-", "1.2.3", "1,5", "0x10"];
  for (const text of [...texts, "--1", "1f", "nann", "infinit", "1 2", "Ω"]) {
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
      assert(Object.is(read(text), value), text);
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

Deno.test("text numbers: whole numbers of 32 bits", () => {
  for (const value of [0, 7, 10, 4278190080, 4294967295]) {
    const bytes = new Uint8Array(10);
    const end = writeWhole(bytes, 0, value);
    const out = new Uint32Array(1);
    assert(readWhole(bytes, 0, end, out, 0));
    assertEquals(out[0], value);
  }
  assertEquals(whole("-1"), 0xffffffff);
  assertEquals(whole("-2147483648"), 0x80000000);
  for (const text of ["", "-", "1.5", "4294967296", "-2147483649", "+1"]) {
    assertEquals(whole(text), undefined, text);
  }
});

function written(value: number): string {
  const bytes = new Uint8Array(MAX_NUMBER_BYTES + 1);
  const end = writeNumber(bytes, 1, Math.fround(value));
  return new TextDecoder().decode(bytes.subarray(1, end));
}

function read(text: string): number | undefined {
  const bytes = new TextEncoder().encode(`7${text}7`);
  const out = new Float32Array(2);
  const isRead = readNumber(bytes, 1, bytes.length - 1, out, 1);
  return isRead ? out[1] : undefined;
}

function whole(text: string): number | undefined {
  const bytes = new TextEncoder().encode(`7${text}7`);
  const out = new Uint32Array(1);
  const isRead = readWhole(bytes, 1, bytes.length - 1, out, 0);
  return isRead ? out[0] : undefined;
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
