/**
 * A program that takes all file descriptors that it gets, and then wants a
 * Worker: it prints in JSON what becomes of that.
 */
import { readFirstStack } from "../../lib/descriptors.ts";
import { WorkerHost } from "../../lib/hosting/worker_host.ts";
import { createLogger } from "../../lib/log.ts";
import { until } from "../support.ts";

readFirstStack();
const lines: string[] = [];
const log = createLogger({
  format: "json",
  write: (line) => void lines.push(line),
});
const taken: Deno.FsFile[] = [];
try {
  while (true) taken.push(Deno.openSync(Deno.execPath()));
} catch {
  // There are no more.
}
const settings = { log: { level: "error", format: "json" } } as const;
await using host = new WorkerHost({ workers: 1, settings, log });
const { alive } = host.health;
for (const file of taken) file.close();
await until(() => host.health.alive, { what: "a Worker", within: 60_000 });
console.log(JSON.stringify({ alive, logs: lines.map((l) => JSON.parse(l)) }));
