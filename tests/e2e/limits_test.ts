import { assertEquals, assertMatch } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import { testWith } from "../support.ts";

testWith(
  [],
  "a client that a limit is reached for says which, and doesn't come back",
  async () => {
    await using server = await startServer([
      ...["--host", "127.0.0.1", "--max-sessions", "1"],
      ...["--max-frame-points", "1000"],
    ]);
    const args = ["--media", "none", "--log-format", "json", "--points"];
    await using first = startClient(server, [
      ...args,
      "500",
      "--duration",
      "0",
    ]);
    await server.waitForLog("it", ({ message }) => message === "receiving");

    await using second = startClient(server, [...args, "500"]);
    assertEquals((await second.finished()).code, 1);
    assertMatch(
      second.stderr.join("\n"),
      /\/offer answered 503: The server has all the sessions that it takes \(1\)/,
    );
    await first.stop();
    await server.waitForLog(
      "its end",
      ({ message }) => message === "session closed",
    );

    await using third = startClient(server, [...args, "2000"]);
    assertEquals((await third.finished()).code, 1);
    const reason = "frame 0 has 2000 points, and at most 1000 are taken";
    assertMatch(third.stderr.join("\n"), new RegExp(reason));
    const closed = await server.waitForLog(
      "why it was closed",
      (line) => line.reason === reason,
    );
    assertEquals(
      [closed.message, closed.brokenLimit],
      ["session closed", "frame-points"],
    );
    assertEquals(
      server.logs.filter(({ message }) => message === "offer answered").length,
      2,
    );
  },
);
