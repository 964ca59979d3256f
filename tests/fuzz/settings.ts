/** How much is fuzzed, and with what. */
import { testWith } from "../support.ts";

/** Inputs of all targets together where nobody says. */
const DEFAULT_INPUTS = 6_000;
/** The same inputs each time, where nobody says. */
const DEFAULT_SEED = 20_260_101;

/**
 * How many of all inputs each target gets, beside the others. Those that take a
 * connection or a file each get few.
 */
const WEIGHTS: Record<string, number> = {
  "cloudini": 8,
  "f32": 8,
  "npy": 8,
  "raw": 8,
  "zstd": 5,
  "files .pcd": 5,
  "files .ply": 5,
  "files .bin": 5,
  "files .npy": 5,
  "files .cloudini": 5,
  "files .las": 5,
  "files .laz": 5,
  "files .csv": 5,
  "reassembler": 8,
  "a points channel": 8,
  "the original's points": 8,
  "texts": 8,
  "offers": 4,
  "sdp": 4,
  "answers": 2.5,
  "sdp lines": 10,
  "sdp lines answered": 2,
  "http": 8,
  "VP8": 5,
  VP9: 5,
  H265: 5,
  AV1: 5,
  "H264": 5,
  "opus": 5,
  "VP8 files": 0.5,
  "H264 files": 0.5,
  "VP9 files": 0.5,
  "H265 files": 0.5,
  "AV1 files": 0.5,
  "opus files": 0.5,
  "nut": 5,
  "rtcp": 10,
  "feedback": 10,
  "path": 5,
  "srtp": 8,
  "rtcp compounds": 10,
  "rtcp on a path": 8,
  "srtcp": 6,
  "inbound": 5,
  "outbound": 5,
  "dtls records": 5,
  "sctp": 8,
  "sctp model": 10,
  "sctp association": 6,
  "sctp strange": 6,
  "connecting": 3,
  "datagrams": 20,
  "ouster": 5,
  "captures": 2,
};

export interface FuzzSettings {
  /** Inputs of all targets together. */
  inputs: number;
  seed: number;
  /** A file with a failing input, to be tried alone. */
  replay?: string;
  /** Whether what was tried is told. */
  isTold: boolean;
}

/**
 * Reads the settings from the environment: `FUZZ_INPUTS`, `FUZZ_SEED`,
 * `FUZZ_REPLAY`. Only tests with permissions may call it.
 */
export function fuzzSettings(): FuzzSettings {
  const read = (name: string) => Deno.env.get(name) || undefined;
  return {
    inputs: Number(read("FUZZ_INPUTS") ?? DEFAULT_INPUTS),
    seed: Number(read("FUZZ_SEED") ?? DEFAULT_SEED),
    replay: read("FUZZ_REPLAY"),
    isTold: read("FUZZ_INPUTS") !== undefined,
  };
}

/**
 * The inputs that a target gets, of those of all together.
 *
 * @throws where it has no weight.
 */
export function inputsOf(target: string): number {
  const weight = WEIGHTS[target];
  if (weight === undefined) throw new Error(`${target} has no weight`);
  const all = Object.values(WEIGHTS).reduce((sum, each) => sum + each, 0);
  return Math.ceil(fuzzSettings().inputs * weight / all);
}

/** Registers a test whose name says what is fuzzed. */
export const fuzzTest: typeof testWith = (needs, name, body, options) =>
  testWith(needs, `fuzz: ${name}`, body, options);
