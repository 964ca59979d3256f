/** The impairment relay as a process of its own, for tests and benches. */
import { fileURLToPath } from "node:url";
import { TextLineStream } from "../text_lines.ts";
import type { RelayCounters } from "./relay.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The relay's answer to a session description. */
export interface RelayedDescription {
  sdp: string;
  /** Number of the pair of peers, in the answer to an offer. */
  pair?: number;
  /** The request's fault, where it has one. */
  detail?: string;
}

/** A running `tools/impair.ts`. */
export interface RelayProcess extends AsyncDisposable {
  /** Address that a client asks in place of the server's. */
  url: string;
  /** Changes what the relay does to packets. */
  impair(changes: Record<string, number | boolean>): Promise<void>;
  counters(): Promise<RelayCounters>;
  /** Posts JSON, and returns the answer. */
  post(path: string, body: unknown): Promise<RelayedDescription>;
}

/** Starts the relay before a server, with the permissions that its task has. */
export function startRelay(
  server: { url: string },
  args: string[],
): Promise<RelayProcess> {
  return startLoneRelay(["--server", server.url, ...args]);
}

/**
 * The same for peers whose descriptions the caller carries.
 *
 * @throws {Error} when the relay doesn't start.
 */
export async function startLoneRelay(
  args: string[] = [],
): Promise<RelayProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=impair", "tools/impair.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextLineStream()).getReader();
  const { value = "" } = await lines.read();
  if (!value.startsWith("{")) {
    throw new Error(`The relay did not start: ${JSON.stringify(value)}`);
  }
  const { url } = JSON.parse(value);
  const ask = async (path: string, method: string, body: unknown) => {
    const request = { method, body: JSON.stringify(body) };
    const text = await (await fetch(url + path, request)).text();
    return text === "" ? {} : JSON.parse(text);
  };
  return {
    url,
    impair: async (changes) => void await ask("/impairments", "PATCH", changes),
    counters: async () => await (await fetch(`${url}/counters`)).json(),
    post: (path, body) => ask(path, "POST", body),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.status;
      await lines.cancel();
    },
  };
}
