import { assertEquals, assertMatch } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import { testWith } from "../support.ts";

testWith(
  [],
  "a client that a limit is reached for says which, and sends nothing over it",
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
    const { session } = await server.waitForLog(
      "its end",
      ({ message }) => message === "session closed",
    );

    await using third = startClient(server, [...args, "2000"]);
    assertEquals((await third.finished()).code, 1);
    const reason = "A frame has 2000 points, and the server takes 1000 at " +
      "most: send fewer, or ask for more there \\(--max-frame-points\\)";
    assertMatch(third.stderr.at(-1)!, new RegExp(reason));
    const closed = await server.waitForLog(
      "its end",
      (line) => line.message === "session closed" && line.session !== session,
    );
    assertEquals(closed.brokenLimit, null);
    assertEquals(
      server.logs.filter(({ message }) => message === "offer answered").length,
      2,
    );
  },
);
