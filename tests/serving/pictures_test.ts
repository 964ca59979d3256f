/** Pictures of a session's video, by HTTP. */
import { assertEquals, assertGreater } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import { startServer as startOwnServer } from "../playing/scene.ts";
import { testWith, until } from "../support.ts";
import { assertProblem } from "./support.ts";

const VIDEO = [
  ...["--name", "robot", "--media", "test", "--video-size", "320x240"],
  ...["--points", "10", "--rate", "1", "--duration", "0"],
];

testWith(["ffmpeg"], "A video's newest keyframe is a picture", async () => {
  await using server = await startOwnServer();
  await using _ = startClient({ url: server.url }, VIDEO);
  await until(async () => {
    const [session] = await server.host.sessions();
    return session?.video.frames > 0;
  }, { what: "video" });
  const url = `${server.url}/sessions/robot`;
  const response = await fetch(`${url}/video.jpg`);
  const bytes = await response.bytes();
  assertEquals(response.headers.get("content-type"), "image/jpeg");
  assertEquals([...bytes.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  assertGreater(bytes.length, 1000);
  assertEquals([...bytes.subarray(-2)], [0xff, 0xd9]);
  await assertProblem(
    await fetch(`${url}/constructor.jpg`),
    404,
    "The session has no video constructor; it has video",
  );
});

testWith(
  ["ffmpeg"],
  "A server that may not run ffmpeg says what to do",
  async () => {
    await using server = await startServer();
    await using _ = startClient(server, VIDEO);
    await server.waitForLog(
      "the session",
      ({ message }) => message === "session connected",
    );
    await assertProblem(
      await fetch(`${server.url}/sessions/robot/video.jpg`),
      501,
      "The server may not run ffmpeg, which makes pictures: start it with deno " +
        "run -P=server --allow-run=ffmpeg server.ts",
    );
  },
);
