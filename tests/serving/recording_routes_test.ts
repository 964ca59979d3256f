/** Who may have a session recorded, by HTTP. */
import { assertEquals } from "@std/assert";
import { Recordings } from "../../lib/hosting/recorded_host.ts";
import { LocalRecordingDesk } from "../../lib/hosting/recording_desk.ts";
import { SupervisedDesk } from "../../lib/hosting/supervised_desk.ts";
import { createLogger } from "../../lib/log.ts";
import type { Access, Authorize } from "../../lib/serving/access.ts";
import { encodeFile } from "../../lib/points/formats.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { HttpProblem } from "../../lib/serving/problem.ts";
import { temporaryFolder, testWith } from "../support.ts";
import { assertProblem, startHandler } from "./support.ts";

/** Callers by the names that they give themselves. */
const CALLERS: ReadonlyMap<string | null, Access["rights"]> = new Map([
  ["robot", { publish: "all" }],
  ["screen", { watch: "all" }],
  ["boss of others", { operate: new Set(["robot-8"]) }],
  ["boss", { operate: new Set(["robot-7"]) }],
]);

const authorize: Authorize = (request) => {
  const caller = request.headers.get("authorization");
  const rights = CALLERS.get(caller);
  if (rights === undefined) throw new HttpProblem(401, "Who are you?");
  return { caller: caller!, rights };
};

testWith(
  [],
  "A session is recorded for who may operate it, and for nobody else",
  async () => {
    await using folder = await temporaryFolder();
    const log = createLogger({ level: "error" });
    const desk = new SupervisedDesk({
      open: () => new LocalRecordingDesk({ folder: folder.path }, log),
      log,
    });
    let recordings!: Recordings;
    await using server = await startHandler({
      authorize,
      record: (host) =>
        recordings = new Recordings({
          ...{ host, desk, log },
          folder: folder.path,
          matches: () => false,
        }),
    });
    const npy = encodeFile(".npy", typedCloud("x,y,z", [[1, 2, 3]]));
    const posted = await server.request("POST", "/sessions/robot-7/points", {
      body: new Uint8Array(npy),
      headers: {
        "authorization": "robot",
        "content-type": "application/octet-stream",
      },
    });
    const { session: id } = await posted.json();
    const ask = (method: string, as?: string) =>
      server.request(method, "/sessions/robot-7/recording", {
        headers: as === undefined ? {} : { authorization: as },
      });
    const denied = `The token gives no right to operate session ${id}`;
    for (const method of ["POST", "DELETE"]) {
      await assertProblem(await ask(method), 401, "Who are you?");
      for (const caller of ["robot", "screen", "boss of others"]) {
        await assertProblem(await ask(method, caller), 403, denied);
      }
      assertEquals(recordings.has(id), method === "DELETE");
      assertEquals((await ask(method, "boss")).status, 204);
      assertEquals(recordings.has(id), method === "POST");
    }
    await recordings.close();
  },
);
