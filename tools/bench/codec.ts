/**
 * Measures the codecs, and Draco beside them, on one lidar scan: run as
 * `deno task bench:codec`, with `--json` for numbers alone.
 *
 * Every round gives every candidate its turn, so that what else the machine
 * does falls on all of them, and medians are compared.
 *
 * Where cloudini's time goes, for the real scan of 115,385 points on one 2.6
 * GHz core, in milliseconds at best (the reference in C++: 1.8 and 1.9):
 *
 * - Encoding, 1.5: the first stage 0.8, zstd at level 1 0.6, and 0.1 for four
 *   calls of it, headers and copies.
 * - Decoding, 1.5: zstd 0.45, the first stage 0.9, and 0.1 as above.
 *
 * The encoder's first stage is about 100 machine instructions a point. A good
 * part of them are conversions: JavaScript has no float32 arithmetic, so a
 * product goes to double, is rounded to float32, and goes to double again. The
 * decoder's waits for the lengths of varints: nearly half of its time is
 * mispredicted branches, and without branches it would wait for each length in
 * turn. zstd finds hardly a match in first-stage bytes; what it does is
 * Huffman coding, and none of its parameters that were tried made it faster.
 *
 * @module
 */
import type { PointCloud } from "../../lib/points/cloud.ts";
import { createDecoder, createEncoder } from "../../lib/points/codecs.ts";
import type { FrameCodec } from "../../lib/points/codec.ts";
import type { CloudiniCompression } from "../../lib/points/cloudini/mod.ts";
import { Draco, type DracoMethod } from "./draco.ts";
import { loadScan, type Scan } from "./scan.ts";

/** Metres. */
const RESOLUTION = 0.001;

const WARM_UP_ROUNDS = 5;
const ROUNDS = 20;

/** A turn ends after so many milliseconds or calls; it is one call at least. */
const TURN_MS = 10;
const MAX_TURN_CALLS = 100;

/** Bytes of the real scan as the reference encodes it. */
const REFERENCE_BYTES = 330_201;

/** One way to write the scan down. */
interface Candidate {
  name: string;
  /** Whether it keeps the order of the points. */
  keepsOrder: boolean;
  encode(): Uint8Array;
  decode(bytes: Uint8Array): Float32Array;
}

interface Result {
  codec: string;
  /** Milliseconds. */
  encode: Timing;
  decode: Timing;
  bytes: number;
  bytesPerPoint: number;
  /** Metres; null where the points come back in another order. */
  maxError: number | null;
}

interface Timing {
  median: number;
  min: number;
  /** Millions of points a second, of the median. */
  pointsPerMicrosecond: number;
}

interface Goal {
  name: string;
  value: number;
  expected: string;
  isReached: boolean;
}

function ownCandidate(
  { cloud }: Scan,
  codec: FrameCodec,
  compression?: CloudiniCompression,
): Candidate {
  const encoder = createEncoder(codec, {
    resolution: RESOLUTION,
    compression,
  });
  const decoder = createDecoder(codec);
  return {
    name: compression === undefined ? codec : `${codec} ${compression}`,
    keepsOrder: true,
    encode: () => encoder.encode(cloud).bytes,
    decode: (bytes) => decoder.decode(bytes).values,
  };
}

function dracoCandidate(
  { cloud }: Scan,
  draco: Draco,
  { method, bits }: { method: DracoMethod; bits: number },
): Candidate {
  const step = largestExtent(cloud) / (2 ** bits - 1) * 1000;
  return {
    name: `draco ${method} ${bits} bits (${step.toFixed(2)} mm)`,
    keepsOrder: method === "sequential",
    encode: () => draco.encode(cloud.values, method, bits),
    decode: (bytes) => draco.decode(bytes),
  };
}

/** The largest extent along x, y or z, metres. */
function largestExtent({ values }: PointCloud): number {
  const extents = [0, 1, 2].map((field) => {
    let least = Infinity, most = -Infinity;
    for (let i = field; i < values.length; i += 3) {
      least = Math.min(least, values[i]);
      most = Math.max(most, values[i]);
    }
    return most - least;
  });
  return Math.max(...extents);
}

function measure({ cloud }: Scan, candidates: Candidate[]): Result[] {
  const times = candidates.map(() => ({
    encode: [] as number[],
    decode: [] as number[],
  }));
  const encoded = candidates.map((candidate) => candidate.encode().slice());
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    candidates.forEach((candidate, i) => {
      const encode = takeTurn(() => candidate.encode());
      const decode = takeTurn(() => candidate.decode(encoded[i]));
      if (round < WARM_UP_ROUNDS) return;
      times[i].encode.push(...encode);
      times[i].decode.push(...decode);
    });
  }
  return candidates.map((candidate, i) => ({
    codec: candidate.name,
    encode: summarize(times[i].encode, cloud.points),
    decode: summarize(times[i].decode, cloud.points),
    bytes: encoded[i].length,
    bytesPerPoint: encoded[i].length / cloud.points,
    maxError: candidate.keepsOrder
      ? maxError(cloud.values, candidate.decode(encoded[i]))
      : null,
  }));
}

/** Calls for one turn; returns the milliseconds of each call. */
function takeTurn(call: () => void): number[] {
  const times: number[] = [];
  const turnStart = performance.now();
  let start = turnStart;
  do {
    call();
    const end = performance.now();
    times.push(end - start);
    start = end;
  } while (start - turnStart < TURN_MS && times.length < MAX_TURN_CALLS);
  return times;
}

function summarize(times: number[], points: number): Timing {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  return {
    median,
    min: sorted[0],
    pointsPerMicrosecond: points / median / 1e3,
  };
}

function maxError(values: Float32Array, decoded: Float32Array): number {
  let error = values.length === decoded.length ? 0 : Infinity;
  for (let i = 0; i < values.length; i++) {
    error = Math.max(error, Math.abs(values[i] - decoded[i]));
  }
  return error;
}

/** Compares cloudini with the fastest of Draco's settings, and its bytes. */
function judge({ name }: Scan, results: Result[]): Goal[] {
  const cloudini = results.find(({ codec }) => codec === "cloudini zstd")!;
  const dracos = results.filter(({ codec }) => codec.startsWith("draco"));
  const goals = (["encode", "decode"] as const).map((way) => {
    const fastest = Math.min(...dracos.map((result) => result[way].median));
    const value = fastest / cloudini[way].median;
    const least = way === "encode" ? 5 : 4;
    return {
      name: `${way}: times as fast as Draco's fastest`,
      value,
      expected: `at least ${least}`,
      isReached: value >= least,
    };
  });
  if (name !== "lidar.pcd") return goals;
  const value = cloudini.bytes / REFERENCE_BYTES;
  return [...goals, {
    name: `bytes: of the reference's ${REFERENCE_BYTES}`,
    value,
    expected: "0.99 to 1.01",
    isReached: Math.abs(value - 1) <= 0.01,
  }];
}

function formatTable(rows: string[][]): string {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => row[column].length))
  );
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])
    ).join("  ")
  ).join("\n");
}

function formatResults(results: Result[]): string {
  const timing = ({ median, min, pointsPerMicrosecond }: Timing) => [
    median.toFixed(2),
    min.toFixed(2),
    pointsPerMicrosecond.toFixed(1),
  ];
  return formatTable([
    [
      "codec",
      ...["encode ms", "min", "Mpts/s"],
      ...["decode ms", "min", "Mpts/s"],
      ...["bytes", "a point", "max error mm"],
    ],
    ...results.map((result) => [
      result.codec,
      ...timing(result.encode),
      ...timing(result.decode),
      result.bytes.toString(),
      result.bytesPerPoint.toFixed(2),
      result.maxError === null
        ? "reordered"
        : (result.maxError * 1000).toFixed(3),
    ]),
  ]);
}

function formatGoals(goals: Goal[]): string {
  return formatTable(goals.map(({ name, value, expected, isReached }) => [
    name,
    value.toFixed(3),
    `(${expected}: ${isReached ? "reached" : "missed"})`,
  ]));
}

async function main(): Promise<void> {
  const scan = await loadScan();
  const draco = await Draco.load();
  // 16 bits, and what makes steps of at most the resolution.
  const fineBits = Math.ceil(Math.log2(largestExtent(scan.cloud) / RESOLUTION));
  const results = measure(scan, [
    ownCandidate(scan, "f32"),
    ownCandidate(scan, "npy"),
    ownCandidate(scan, "cloudini", "none"),
    ownCandidate(scan, "cloudini", "zstd"),
    ...(["sequential", "kd-tree"] as const).flatMap((method) =>
      [16, fineBits].map((bits) =>
        dracoCandidate(scan, draco, { method, bits })
      )
    ),
  ]);
  const goals = judge(scan, results);
  const { points } = scan.cloud;
  if (Deno.args.includes("--json")) {
    console.log(JSON.stringify(
      { scan: scan.name, points, resolution: RESOLUTION, results, goals },
      null,
      2,
    ));
    return;
  }
  console.log(`${scan.name}: ${points} points, x y z, ${RESOLUTION} m\n`);
  console.log(formatResults(results));
  console.log();
  console.log(formatGoals(goals));
}

if (import.meta.main) await main();
