import { assertEquals, assertLess } from "@std/assert";
import { startServer } from "../../tools/processes.ts";
import { testWith } from "../support.ts";

/** Time in which a server ends that waits for nobody, milliseconds. */
const PROMPT_MS = 2000;

testWith(
  [],
  "A server without a Worker says so, and ends promptly",
  async () => {
    await using server = await startServer(
      ["--drain", "60"],
      ["--deny-read=lib/hosting/session_worker.ts"],
    );
    await server.waitForLog(
      "the failure of a Worker",
      ({ message }) => message === "a worker did not come up",
    );
    const ready = await fetch(`${server.url}/readyz`);
    const { detail } = await ready.json();
    assertEquals(
      [ready.status, detail],
      [503, "No new sessions: no worker comes up"],
    );
    const stopped = performance.now();
    assertEquals((await server.stop("SIGTERM")).code, 0);
    assertLess(performance.now() - stopped, PROMPT_MS);
  },
);
