/** Machines whose clocks differ. */
import { assert, assertGreater, assertLessOrEqual } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { ownCaptureTime } from "../../lib/wire/frame.ts";
import { getJson, startClient, startServer } from "../../tools/processes.ts";
import { clockSetBy } from "../faketime.ts";
import { testWith } from "../support.ts";

const HOUR_MS = 3_600_000;

testWith(
  ["faketime"],
  "latency is right where a client's clock is an hour ahead",
  async () => {
    await using server = await startServer();
    await using _client = startClient(server, [
      ...["--name", "robot-7", "--media", "none", "--points", "1000"],
      ...["--rate", "10", "--duration", "0"],
    ], { env: await clockSetBy("+1h") });
    await server.waitForLog(
      "the session",
      ({ message }) => message === "receiving",
    );
    const { watch } = await import("../../lib/playing/watch.ts");
    await using session = await watch({
      server: server.url,
      session: "robot-7",
    });
    let compared = 0;
    for await (const { frame } of session) {
      if (frame.clock === undefined) continue;
      const { offset, error } = frame.clock;
      assertLessOrEqual(Math.abs(offset - HOUR_MS), error);
      assertGreater(frame.captureTime, Date.now() + HOUR_MS / 2);
      // No frame is shown before it was captured.
      assertLessOrEqual(ownCaptureTime(frame), Date.now() + error);
      if (++compared === 10) break;
    }
    const { clock, latency } = await getJson<SessionSnapshot>(
      `${server.url}/sessions/robot-7`,
    );
    assert(clock);
    assertLessOrEqual(Math.abs(clock.offset - HOUR_MS), clock.error);
    assertGreater(latency.count, 0);
  },
);
