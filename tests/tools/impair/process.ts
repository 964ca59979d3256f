import { Process } from "../../e2e/processes.ts";

/** A running relay, and what its HTTP side answers. */
export interface RelayProcess extends Process {
  url: string;
  /** Changes impairments; see tools/impair/link.ts for their names. */
  impair(changes: Record<string, number | boolean>): Promise<void>;
  // deno-lint-ignore no-explicit-any -- JSON
  counters(): Promise<any>;
  post(path: string, body: unknown): Promise<Record<string, unknown>>;
}

/** Starts the real relay. */
export async function startRelay(args: string[] = []): Promise<RelayProcess> {
  const process = new Process(Deno.execPath(), [
    ...["run", "--quiet", "-P=impair", "tools/impair.ts", ...args],
  ]);
  const { url } = JSON.parse(await process.firstLine);
  const ask = async (path: string, method: string, body: unknown) => {
    const response = await fetch(url + path, {
      method,
      body: JSON.stringify(body),
    });
    return await response.json();
  };
  return Object.assign(process, {
    url,
    impair: async (changes: Record<string, number | boolean>) =>
      void await ask("/impairments", "PATCH", changes),
    counters: async () => await (await fetch(`${url}/counters`)).json(),
    post: (path: string, body: unknown) => ask(path, "POST", body),
  });
}
