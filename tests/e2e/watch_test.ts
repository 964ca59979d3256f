/** watch() against a server of its own process that goes away. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import { UNACKNOWLEDGED_SILENCE_MS } from "../../lib/transport/link_monitor.ts";
import { testWith } from "../support.ts";

/** Silence that shows that a server is gone which sent 20 frames a second. */
const SILENCE_MS = 1_500;

testWith(
  [],
  "watch() ends where the server is killed, and where it stops in order",
  async () => {
    const { watch } = await import("../../lib/playing/watch.ts");
    for (
      const [signal, silenceMs, due] of [
        ["SIGKILL", SILENCE_MS, {
          code: "lost",
          reason: `nothing came for ${SILENCE_MS / 1000} s`,
        }],
        // What it is asked then isn't acknowledged.
        ["SIGKILL", undefined, {
          code: "lost",
          reason: `nothing came for ${UNACKNOWLEDGED_SILENCE_MS / 1000} s`,
        }],
        ["SIGTERM", SILENCE_MS, {
          code: "stopped",
          reason: "the server stopped",
        }],
      ] as const
    ) {
      await using server = await startServer(["--drain", "0"]);
      await using _client = startClient(server, [
        ...["--points", "1000", "--rate", "20", "--duration", "0"],
        ...["--media", "none", "--reconnect-for", "1"],
      ]);
      await server.waitForLog(
        "the connection",
        (line) => line.message === "session connected",
      );
      const { url } = server;
      await using session = await watch({ server: url, silenceMs });
      let stopped: Promise<unknown> | undefined;
      for await (const { cloud: { points } } of session) {
        // A machine that is busy sends less of them.
        assert(0 < points && points <= 1000, `${points} points`);
        stopped ??= server.stop(signal);
      }
      await stopped;
      assertEquals(await session.ended, due);
      await assertRejects(() => watch({ server: url }), Error, "Can't reach");
    }
  },
  { sanitizeOps: false, sanitizeResources: false },
);
