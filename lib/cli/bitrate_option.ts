/** Bits a second, as they are written on a command line. */
import { UsageError } from "./options.ts";

/** What video may be encoded to, bits a second. */
export interface Bitrates {
  least: number;
  most: number;
}

const UNITS: Record<string, number> = { "": 1, k: 1e3, M: 1e6 };
const LEAST = 50_000;
const MOST = 100_000_000;

/**
 * Reads `300k-6M`, or one bitrate that stays: bits a second, with `k` for
 * thousands and `M` for millions.
 *
 * @throws {UsageError} that says what is wrong, and what is right.
 */
export function readBitrates(text: string): Bitrates {
  const [least, most = least, ...rest] = text.split("-")
    .map((word) => readBitrate(text, word.trim()));
  if (rest.length > 0) throw malformed(text);
  if (least > most) {
    throw new UsageError(
      `--video-bitrate "${text}" has its least above its most; ` +
        "expected MIN-MAX",
    );
  }
  return { least, most };
}

function readBitrate(text: string, word: string): number {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(word);
  if (match === null) throw malformed(text);
  const bitrate = Math.round(Number(match[1]) * UNITS[match[2]]);
  if (bitrate >= LEAST && bitrate <= MOST) return bitrate;
  throw new UsageError(
    `--video-bitrate "${text}": ${word} is no bitrate from 50k to 100M`,
  );
}

function malformed(text: string): UsageError {
  return new UsageError(
    `--video-bitrate "${text}" is none; expected MIN-MAX or one bitrate, ` +
      "such as 300k-6M or 2M",
  );
}
