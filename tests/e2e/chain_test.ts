/** One server's Foxglove door as another one's robot, by the real programs. */
import { assertEquals } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { getJson, startClient, startServer } from "../../tools/processes.ts";
import { testWith, until } from "../support.ts";

testWith(
  [],
  "What one server has goes on to another, with names and places",
  async () => {
    await using first = await startServer();
    await using robot = startClient(first, [
      ...["--source", "lidar", "--points", "2000", "--rate", "5"],
      ...["--name", "robot-7", "--pose", "1,0,0.5", "--frame-id", "lidar"],
      ...["--duration", "0", "--media", "none"],
    ]);
    await using second = await startServer();
    const door = `${first.url.replace("http", "foxglove+ws")}/foxglove`;
    await using relay = startClient(second, [
      ...["--source", `${door}#/robot-7/points`, "--name", "relay"],
      ...["--duration", "0", "--media", "none"],
    ]);
    let shown: SessionSnapshot | undefined;
    await until(async () => {
      [shown] = await getJson<SessionSnapshot[]>(`${second.url}/sessions`);
      const [stream] = shown?.streams ?? [];
      return stream?.frames >= 5 && stream.parent !== undefined;
    }, { what: () => `five frames that have a place: ${relay.stderr.at(-1)}` });
    const [{ name, points, frames, frameId, parent, pose }] = shown!.streams;
    assertEquals(name, "robot-7/points");
    assertEquals(points, 2000 * frames);
    assertEquals([frameId, parent], ["robot-7/lidar", "robot-7/base_link"]);
    assertEquals(pose?.translation, [1, 0, 0.5]);
    assertEquals((await relay.stop("SIGINT")).code, 0);
    assertEquals((await robot.stop("SIGINT")).code, 0);
  },
);
