/** The impairment relay as a process of its own. */
import { assert } from "@std/assert";
import { TextLineStream } from "../../tools/text_lines.ts";
import { ROOT } from "../support.ts";

/** A running `tools/impair.ts`. */
export interface RelayProcess extends AsyncDisposable {
  /** What a client asks in place of the server. */
  url: string;
  /** Changes what the relay does to packets. */
  impair(changes: Record<string, number | boolean>): Promise<void>;
}

/** Starts the relay before a server, with the permissions that its task has. */
export async function startRelay(
  server: { url: string },
  args: string[],
): Promise<RelayProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "-P=impair", "tools/impair.ts"],
      ...["--server", server.url, ...args],
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextLineStream()).getReader();
  const { value = "" } = await lines.read();
  assert(value.startsWith("{"), `The relay said ${JSON.stringify(value)}`);
  const { url } = JSON.parse(value);
  return {
    url,
    async impair(changes) {
      const body = JSON.stringify(changes);
      const request = { method: "PATCH", body };
      const response = await fetch(`${url}/impairments`, request);
      const said = await response.text();
      assert(response.ok, said);
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.status;
      await lines.cancel();
    },
  };
}
