/** The real programs as processes of their own, and what they say. */
import { fileURLToPath } from "node:url";
import { TextLineStream } from "./text_lines.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Longest wait for anything that a process is to say, milliseconds. */
const PATIENCE_MS = 60_000;

/** One line of a log in JSON. */
export interface LogLine {
  time: string;
  level: string;
  message: string;
  session?: string;
  [field: string]: unknown;
}

/** A running program of ours. */
export class Process implements AsyncDisposable {
  /** All lines of standard error so far. */
  readonly stderr: string[] = [];
  readonly child: Deno.ChildProcess;
  readonly stdout: Promise<string>;
  readonly #waiting = new Set<() => void>();
  readonly #done: Promise<void>;

  constructor(
    program: string,
    args: string[],
    options: {
      cwd?: string;
      stderr?: "piped" | "inherit";
      env?: Record<string, string>;
    } = {},
  ) {
    this.child = new Deno.Command(program, {
      args,
      cwd: options.cwd ?? ROOT,
      env: { NO_COLOR: "1", ...options.env },
      stdin: "null",
      stdout: "piped",
      stderr: options.stderr ?? "piped",
    }).spawn();
    this.stdout = new Response(this.child.stdout).text();
    this.#done = options.stderr === "inherit"
      ? Promise.resolve()
      : this.#read();
  }

  /** Waits for a line of standard error for which `find` gives something. */
  async waitFor<T>(
    what: string,
    find: (line: string) => T | undefined,
  ): Promise<T> {
    let seen = 0;
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    let ended = false;
    void this.#done.then(() => {
      ended = true;
      this.#wake();
    });
    while (true) {
      while (seen < this.stderr.length) {
        const found = find(this.stderr[seen++]);
        if (found !== undefined) return found;
      }
      if (ended || deadline.aborted) {
        const last = this.stderr.slice(-20).join("\n");
        throw new Error(
          `${what} did not come; the process said last:\n${last}`,
        );
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          deadline.removeEventListener("abort", wake);
          resolve();
        };
        this.#waiting.add(wake);
        deadline.addEventListener("abort", wake);
      });
    }
  }

  /** Waits for a log line in JSON for which `matches` holds. */
  waitForLog(
    what: string,
    matches: (line: LogLine) => boolean,
  ): Promise<LogLine> {
    return this.waitFor(what, (text) => {
      const line = parseLog(text);
      return line && matches(line) ? line : undefined;
    });
  }

  /** The log lines in JSON so far. */
  get logs(): LogLine[] {
    return this.stderr.flatMap((text) => parseLog(text) ?? []);
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<Deno.CommandStatus> {
    this.child.kill(signal);
    return await this.finished();
  }

  /** Waits for the end, and for all that was said. */
  async finished(): Promise<Deno.CommandStatus> {
    const status = await this.child.status;
    await this.#done;
    await this.stdout;
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.finished();
  }

  async #read(): Promise<void> {
    const lines = this.child.stderr.pipeThrough(new TextLineStream());
    for await (const line of lines) {
      this.stderr.push(line);
      this.#wake();
    }
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

function parseLog(text: string): LogLine | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A running `server.ts`, listening on a free port, logging JSON. */
export interface ServerProcess extends Process {
  url: string;
}

/**
 * Starts the real server with the permissions that its task has.
 *
 * @param permissions more than its task has, where a test needs them.
 * @param options `env`: more than this process's environment; `cwd`: the folder
 * of another checkout, whose server it is then.
 */
export async function startServer(
  args: string[] = [],
  permissions: string[] = [],
  options: { env?: Record<string, string>; cwd?: string } = {},
): Promise<ServerProcess> {
  const process = new Process(Deno.execPath(), [
    ...["run", "-P=server", ...permissions, "server.ts", "--port", "0"],
    ...["--log-format", "json", ...args],
  ], options);
  const { url } = await process.waitForLog(
    "the server's address",
    (line) => line.message === "listening",
  );
  return Object.assign(process, { url: url as string });
}

/** Starts the real client with the permissions that its task has. */
export function startClient(
  server: { url: string },
  args: string[],
  options?: { stderr?: "piped" | "inherit"; env?: Record<string, string> },
): Process {
  return new Process(Deno.execPath(), [
    ...["run", "-P=client", "client.ts", "--signaling", `${server.url}/offer`],
    ...args,
  ], options);
}

/** Fetches JSON from the server. */
export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`);
  return await response.json();
}
