import { assert } from "@std/assert";
import { ROOT } from "../support.ts";

/** What a file says of itself. */
export interface ReadFile {
  profile: string;
  messages: number;
  /** The compression of each chunk. */
  chunks: string[];
  metadata: Record<string, string>[];
}

/** A message, as a program of others reads it. */
export interface ReadMessage {
  topic: string;
  type: string;
  /** Milliseconds since the Unix epoch. */
  logTime: number;
  stamp?: number;
  frameId: string | null;
  width?: number;
  height?: number;
  format?: string;
  fields?: [name: string, offset: number, datatype: number, count: number][];
  bytes?: number;
  sha256?: string;
  transforms?: {
    stamp: number;
    parent: string;
    child: string;
    translation: number[];
    rotation: number[];
  }[];
}

/** Reads a whole recording with mcap's and rosbags' Python libraries. */
export async function readRecording(path: string) {
  const [file, ...messages] = await linesOf(path);
  return { file: file as ReadFile, messages: messages as ReadMessage[] };
}

/** Reads one whose end is missing, message by message. */
export async function readCutRecording(path: string) {
  return await linesOf("--cut", path) as ReadMessage[];
}

/** The only file of a folder that ends so. */
export function onlyFile(folder: string, end: string): string {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(end));
  assert(names.length === 1, `${names.length} files ${end}: ${names}`);
  return `${folder}/${names[0]}`;
}

async function linesOf(...args: string[]): Promise<unknown[]> {
  const { success, stdout, stderr } = await new Deno.Command(
    Deno.env.get("BAGS_PYTHON")!,
    { args: [`${ROOT}tests/recording/read_recording.py`, ...args] },
  ).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n")
    .filter((line) => line !== "").map((line) => JSON.parse(line));
}
