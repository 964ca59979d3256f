import { assertEquals } from "@std/assert";
import { WorkerPool } from "../../lib/hosting/worker_pool.ts";
import { createLogger } from "../../lib/log.ts";
import { temporaryFolder, testWith, until } from "../support.ts";

testWith([], "A Worker on trial stays so when another one starts", async () => {
  await using folder = await temporaryFolder();
  const entry = new URL("./staged_worker.ts", import.meta.url);
  entry.searchParams.set("folder", folder.path);
  const pool = new WorkerPool({
    workers: 3,
    settings: { log: { level: "error", format: "text" } },
    log: createLogger({ write: () => {} }),
    entry,
    // `deno test` checks its types first.
    startMs: 300_000,
  }, { onEvent: () => {}, onDeath: () => {} });
  // The first is busy, so that the second starts; a third takes its place.
  pool.place(pool.idlest());
  await until(() => pool.up.length === 1, {
    what: "the second Worker",
    within: 60_000,
  });
  assertEquals(pool.health, { alive: 1, deaths: 1 });
  // While the third one is on trial, no fourth one is started.
  pool.place(pool.idlest());
  assertEquals(pool.slots.length, 1);
  await pool.close("the test is over");
});
