/** Clouds by HTTP through a server of its own, whose sessions are in Workers. */
import { assert, assertEquals } from "@std/assert";
import { FRAMES_MEDIA_TYPE } from "../../lib/wire/framed_messages.ts";
import { decodeFile, encodeFile } from "../../lib/points/formats.ts";
import { startClient, startServer } from "../../tools/processes.ts";
import { assertSameBits, typedCloud } from "../points/file_clouds.ts";
import { testWith, until } from "../support.ts";

const OCTETS = { "content-type": "application/octet-stream" };
const cloudOf = (value: number) =>
  typedCloud("x,y,z,ring:u2", [[value, 2, 3, 4], [5, 6, 7, value]]);

testWith(
  [],
  "A posted session in a Worker is read, mirrored, and ends",
  async () => {
    await using server = await startServer(["--workers", "2"]);
    const at = (path: string) => `${server.url}/sessions/${path}`;
    const post = (path: string, body: BodyInit) =>
      fetch(at(path), { method: "POST", headers: OCTETS, body });
    for (let value = 0; value < 3; value++) {
      const bytes = new Uint8Array(encodeFile(".npy", cloudOf(value)));
      const answer = await (await post("scanner/points", bytes)).json();
      assertEquals([answer.name, answer.clouds], ["scanner", 1]);
    }
    const pcd = await (await fetch(at("scanner/points.pcd"))).bytes();
    assertSameBits(await decodeFile("a.pcd", pcd), cloudOf(2));

    const frames = await fetch(at("scanner/points.npys"), {
      headers: { accept: FRAMES_MEDIA_TYPE },
    });
    const mirrored = fetch(at("mirror/points"), {
      method: "POST",
      headers: { "content-type": FRAMES_MEDIA_TYPE },
      body: frames.body,
    });
    await until(async () => {
      const response = await fetch(at("mirror/points.npy"));
      const bytes = await response.bytes();
      return response.ok && bytes.length > 0;
    }, { what: "the mirror" });
    // The one that is read ends, with it the body, and so the request.
    const deleted = await fetch(at("scanner"), { method: "DELETE" });
    assertEquals(deleted.status, 204);
    assertEquals((await (await mirrored).json()).clouds, 1);
    // And then the mirror, as nothing more comes.
    const { reason } = await server.waitForLog(
      "the end of the mirror",
      ({ message, name }) => message === "session closed" && name === "mirror",
    );
    assertEquals(reason, "no cloud came for 10 s");
  },
);

testWith(
  [],
  "A client's clouds are read while a slow reader holds on",
  async () => {
    await using server = await startServer();
    await using client = startClient(server, [
      ...["--name", "robot", "--source", "lidar", "--points", "20000"],
      ...["--rate", "20", "--media", "none", "--duration", "0"],
    ]);
    const url = `${server.url}/sessions/robot/points`;
    await until(async () => {
      const response = await fetch(`${url}.npy`);
      await response.body?.cancel();
      return response.ok;
    }, { what: "the first cloud" });
    const slow = await fetch(`${url}.npys`);
    let etag = "";
    for (let count = 0; count < 5; count++) {
      const response = await fetch(`${url}.ply?wait=next`, {
        headers: { "if-none-match": etag },
      });
      assertEquals(response.status, 200);
      const cloud = await decodeFile("a.ply", await response.bytes());
      assert(cloud.points > 0);
      assert(response.headers.get("etag") !== etag);
      etag = response.headers.get("etag")!;
    }
    await slow.body!.cancel();
    await client.stop("SIGINT");
  },
);
