/**
 * LibLZF's compressed format, as PCD's `binary_compressed` has it: no header,
 * just runs, each after a control byte.
 *
 * | first byte | run |
 * | --- | --- |
 * | `000LLLLL` | the L + 1 bytes that follow |
 * | `LLLOOOOO oooooooo`, L 1 to 6 | L + 2 bytes from (O, o) + 1 bytes back in the output |
 * | `111OOOOO llllllll oooooooo` | l + 9 bytes from (O, o) + 1 bytes back |
 *
 * A back reference may reach into its own output, which repeats it.
 */
import { PointsError } from "../errors.ts";

const MAX_LITERALS = 32;
const MAX_OFFSET = 8192;
const MAX_MATCH = 264;
const MIN_MATCH = 3;
const HASH_BITS = 15;

/** Bytes that the three bytes of the longest back reference stand for. */
const MAX_EXPANSION = MAX_MATCH / 3;

/** Compresses `input`; at worst it grows by one byte in 32. */
export function lzfCompress(input: Uint8Array): Uint8Array {
  const size = input.length;
  const output = new Uint8Array(size + Math.ceil(size / MAX_LITERALS));
  // Where three bytes of this hash were last seen, plus one; 0 for nowhere.
  const seen = new Int32Array(1 << HASH_BITS);
  let literals = 0;
  let from = 0;
  let to = 0;
  while (from + MIN_MATCH <= size) {
    const word = input[from] << 16 | input[from + 1] << 8 | input[from + 2];
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const match = seen[hash] - 1;
    seen[hash] = from + 1;
    const offset = from - match - 1;
    if (
      match < 0 || offset >= MAX_OFFSET || input[match] !== input[from] ||
      input[match + 1] !== input[from + 1] ||
      input[match + 2] !== input[from + 2]
    ) {
      from++;
      continue;
    }
    to = writeLiterals(input, literals, from, output, to);
    const longest = Math.min(MAX_MATCH, size - from);
    let length = MIN_MATCH;
    while (length < longest && input[match + length] === input[from + length]) {
      length++;
    }
    if (length < 9) {
      output[to++] = (length - 2) << 5 | offset >> 8;
    } else {
      output[to++] = 7 << 5 | offset >> 8;
      output[to++] = length - 9;
    }
    output[to++] = offset & 0xff;
    from += length;
    literals = from;
  }
  to = writeLiterals(input, literals, size, output, to);
  return output.subarray(0, to);
}

function writeLiterals(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  to: number,
): number {
  while (start < end) {
    const length = Math.min(MAX_LITERALS, end - start);
    output[to++] = length - 1;
    for (let i = 0; i < length; i++) output[to++] = input[start++];
  }
  return to;
}

/**
 * Decompresses `input` into exactly `length` bytes.
 *
 * @throws {PointsError} `length`, before allocating, when that many bytes can't
 * come of `input`; or naming the offset of the run that reaches outside the
 * input or the output.
 */
export function lzfDecompress(input: Uint8Array, length: number): Uint8Array {
  if (length > input.length * MAX_EXPANSION) {
    throw corrupt(
      `${length} bytes can't come of ${input.length} compressed ones`,
    );
  }
  const output = new Uint8Array(length);
  let from = 0;
  let to = 0;
  while (from < input.length) {
    const run = from;
    const control = input[from++];
    if (control < MAX_LITERALS) {
      const count = control + 1;
      if (from + count > input.length) throw cutOff(run, input);
      if (to + count > length) throw tooLong(run, length);
      for (let i = 0; i < count; i++) output[to++] = input[from++];
      continue;
    }
    let count = (control >> 5) + 2;
    if (from + (count === 9 ? 2 : 1) > input.length) throw cutOff(run, input);
    if (count === 9) count += input[from++];
    let back = to - ((control & 0x1f) << 8 | input[from++]) - 1;
    if (back < 0) {
      throw corrupt(
        `the run at byte ${run} refers to ${-back} bytes before the start`,
      );
    }
    if (to + count > length) throw tooLong(run, length);
    for (let i = 0; i < count; i++) output[to++] = output[back++];
  }
  if (to !== length) {
    throw corrupt(`it holds ${to} bytes, expected ${length}`);
  }
  return output;
}

function cutOff(run: number, input: Uint8Array): PointsError {
  return corrupt(
    `the run at byte ${run} reaches past the input's ${input.length} bytes`,
  );
}

function tooLong(run: number, length: number): PointsError {
  return corrupt(
    `the run at byte ${run} reaches past the ${length} bytes expected`,
  );
}

function corrupt(why: string): PointsError {
  return new PointsError("length", `Cannot decompress LZF: ${why}`);
}
