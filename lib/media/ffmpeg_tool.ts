/** How ffmpeg and ffprobe are run, and what they say. */
import { readText } from "../limits/read_text.ts";
import { FfmpegError } from "./ffmpeg_error.ts";

/**
 * Starts `program` with its stderr piped.
 *
 * @throws {FfmpegError} `not-found` when there is no such program, `failed`
 * when it may not be run.
 */
export function spawnTool(
  program: string,
  args: string[],
  options: {
    stdin?: "piped" | "null" | "inherit";
    stdout?: "piped" | "null";
  } = {},
): Deno.ChildProcess {
  const { stdin = "null", stdout = "null" } = options;
  try {
    return new Deno.Command(program, {
      args,
      stdin,
      stdout,
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    throw spawnError(program, cause);
  }
}

/** Sends a signal to a process, which may be gone. */
export function killTool(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // Deno throws it where the child is gone already.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** What is waited for of a program. */
export interface RunLimits {
  /** Most bytes that it may say on stdout. */
  maxBytes: number;
  /** Kills it. */
  signal: AbortSignal;
}

/**
 * Runs a program to its end.
 *
 * @throws {FfmpegError} where it can't be run, or says too much.
 * @throws the signal's reason when it is aborted.
 */
export async function runTool(
  program: string,
  args: string[],
  { maxBytes, signal }: RunLimits,
): Promise<{ code: number; stdout: string; stderr: string }> {
  signal.throwIfAborted();
  const child = spawnTool(program, args, { stdout: "piped" });
  const kill = () => killTool(child, "SIGKILL");
  signal.addEventListener("abort", kill);
  try {
    const said = readTail(child.stderr, signal);
    const written = new Response(child.stdout);
    const stdout = await readText(written, { maxBytes, signal })
      .catch((error: unknown) => {
        kill();
        return error;
      });
    const { code } = await child.status;
    const stderr = await said;
    signal.throwIfAborted();
    if (typeof stdout === "string") return { code, stdout, stderr };
    throw new FfmpegError("failed", `${program} said too much`, {
      cause: stdout,
    });
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

/** The most that is kept of what a program says on stderr, characters. */
const MAX_STDERR_CHARACTERS = 4096;

/** Reads the end of what a program says, until it ends or the signal does. */
export async function readTail(
  stream: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): Promise<string> {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", cancel);
  const decoder = new TextDecoder();
  let tail = "";
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return tail;
      tail = (tail + decoder.decode(value, { stream: true }))
        .slice(-MAX_STDERR_CHARACTERS);
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/**
 * Gives the last line of ffmpeg's stderr that says something, without the
 * address of the part that said it; "" if there is none.
 */
export function lastLine(stderr: string): string {
  const line = stderr.split(/[\r\n]+/)
    .map((line) => line.replace(/^(\[[^\]]*\]\s*)+/, "").trim())
    .findLast((line) => line !== "" && line !== "Conversion failed!");
  return line ?? "";
}

function spawnError(program: string, cause: unknown): unknown {
  if (cause instanceof Deno.errors.NotFound) {
    const where = program.includes("/") ? "" : " on PATH";
    return new FfmpegError(
      "not-found",
      `${program} was not found${where}: install ffmpeg ` +
        `(apt install ffmpeg, brew install ffmpeg) or use --media none`,
      { cause },
    );
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return new FfmpegError(
      "failed",
      `${program} may not be executed: check its file mode, ` +
        `or use --media none`,
      { cause },
    );
  }
  return cause;
}
