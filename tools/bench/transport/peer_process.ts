import { fileURLToPath } from "node:url";
import type { Received } from "../peers/protocol.ts";
import { TextLineStream } from "../../text_lines.ts";
import { type Kind, KINDS } from "./conditions.ts";

const FOLDER = fileURLToPath(new URL("../peers/", import.meta.url));
const PYTHON = "/usr/bin/python3";
/** Time for a peer's answer, beyond the time that it measures. */
const PATIENCE_MS = 30_000;

/** A message from a peer. */
export interface PeerMessage {
  sdp?: string;
  done?: boolean;
  cpu?: number;
  /** When its channel opened, milliseconds of the wall clock. */
  openedAt?: number;
  bytesSent?: number;
  bytesRetransmitted?: number;
  received?: Received;
}

/** A peer program of the bench as a process of its own. */
export class PeerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: AsyncIterator<string>;
  readonly #kind: Kind;

  constructor(kind: Kind, args: string[]) {
    this.#kind = kind;
    const [program, ...rest] = kind === "aiortc"
      ? [PYTHON, `${FOLDER}aiortc_peer.py`]
      : [Deno.execPath(), ...denoArguments(kind)];
    this.#child = new Deno.Command(program, {
      args: [...rest, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#lines = this.#child.stdout.pipeThrough(new TextLineStream())
      .values();
  }

  async tell(message: unknown): Promise<void> {
    const line = `${JSON.stringify(message)}\n`;
    await this.#stdin.write(new TextEncoder().encode(line));
  }

  /**
   * Waits for the peer's next message.
   *
   * @throws {Error} when the peer ends, or says nothing in time.
   */
  async hear(extraMs = 0): Promise<PeerMessage> {
    const timer = setTimeout(() => this.#kill(), PATIENCE_MS + extraMs);
    try {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`The ${this.#kind} peer ended or hung`);
      return JSON.parse(value);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tell({ end: true }).catch(() => {});
    const timer = setTimeout(() => this.#kill(), 3000);
    await this.#child.status;
    clearTimeout(timer);
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }
}

function denoArguments(kind: Kind): string[] {
  const run = ["run", "-q", "-A"];
  // Those of the peer that is native code take the permission, too.
  if (kind === "ours") run.push("--deny-ffi");
  const program = kind.replace("-libraries", "");
  return [...run, `${FOLDER}${program}.ts`];
}

/** Finds which of the wanted kinds of peers this machine has. */
export async function installedKinds(
  wanted: readonly string[] = KINDS,
): Promise<Set<Kind>> {
  const load = 'await import("node-datachannel")';
  const eval_ = ["eval", "-q", `--config=${FOLDER}../../../deno.json`, load];
  const checks: Record<Kind, () => Promise<boolean>> = {
    ours: () => Promise.resolve(true),
    "ours-libraries": () => Promise.resolve(Deno.build.os === "linux"),
    stock: () => Promise.resolve(true),
    aiortc: () => runs(PYTHON, ["-c", "import aiortc"]),
    libdatachannel: () => runs(Deno.execPath(), eval_),
    chromium: () => runs("/usr/bin/chromium", ["--version"]),
  };
  const kinds = new Set<Kind>();
  for (const kind of KINDS) {
    if (wanted.includes(kind) && await checks[kind]()) kinds.add(kind);
  }
  return kinds;
}

async function runs(program: string, args: string[]): Promise<boolean> {
  try {
    const options = { args, stdout: "null", stderr: "null" } as const;
    return (await new Deno.Command(program, options).output()).success;
  } catch {
    return false;
  }
}
