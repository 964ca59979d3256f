/** A recording that is steered by the keys of a terminal. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { column } from "../../lib/points/cloud.ts";
import { decodeFile } from "../../lib/points/formats.ts";
import { encodePointCloud2 } from "../../lib/points/pointcloud2/encode.ts";
import { startServer } from "../../tools/processes.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { writeSmallMcap } from "../sources/bags/mcap_file.ts";
import { pause, temporaryFolder, testWith, until } from "../support.ts";
import { Terminal } from "./terminal.ts";

/** Ten a second, for ten minutes. */
const CLOUDS = 6_000;
const UP = "\x1b[A";
const HOME = "\x1b[H";

/** Writes a bag in which x of each cloud is its number. @returns its path. */
async function writeNumbers(folder: string): Promise<string> {
  const path = `${folder}/numbers.mcap`;
  const messages = Array.from({ length: CLOUDS }, (_, i) =>
    encodePointCloud2({
      ...{ frameId: "lidar", stamp: 1_700_000_000_000 + 100 * i },
      cloud: typedCloud("x,y,z", [[i, 0, 0]]),
    }));
  const type = "sensor_msgs/msg/PointCloud2";
  await writeSmallMcap(path, { topic: "/points", type }, messages);
  return path;
}

/** A client in a terminal, which says at its end how the terminal is then. */
function startClient(signaling: string, source: string) {
  const client = [
    ...[Deno.execPath(), "run", "-P=client", "client.ts"],
    ...["--signaling", signaling, "--source", source, "--name", "replay"],
  ];
  const line = `sh -c 'echo pid $$; exec "$@"' - "$@"; echo code $?; stty -a`;
  return new Terminal(["sh", "-c", line, "-", ...client], 120);
}

function assertRestored({ text }: Terminal, code: number) {
  assertMatch(text, new RegExp(`code ${code}\\r?\\n`));
  for (const mode of ["icanon", "echo", "isig"]) {
    assertMatch(text, new RegExp(`(?<!-)\\b${mode}\\b`));
  }
}

testWith(
  ["linux"],
  "A recording stops, goes on and is sought by keys, all of it",
  async () => {
    await using folder = await temporaryFolder();
    const path = await writeNumbers(folder.path);
    await using server = await startServer();
    await using terminal = startClient(server.url, path);
    const newest = async () => {
      const response = await fetch(`${server.url}/sessions/replay/points.npy`);
      const bytes = await response.bytes();
      if (!response.ok) return -1;
      return Number(column(await decodeFile("a.npy", bytes), "x")[0]);
    };
    const shown = (what: string, is: (number: number) => boolean) =>
      until(async () => {
        const number = await newest();
        return is(number) ? { number } : undefined;
      }, { what });
    await shown("a cloud", (number) => number > 3);

    await terminal.type(" ");
    await terminal.waitFor("the pause", /\d:\d\d \/ 9:59 {2}paused/);
    // Ten would come in a second; those under way may.
    const { last } = await until(async () => {
      const last = await newest();
      await pause(1_000);
      return await newest() === last ? { last } : undefined;
    }, { what: "a second without clouds" });

    await terminal.type(UP);
    await shown(
      "a minute later",
      (number) => number > last + 590 && number < last + 800,
    );
    await terminal.type(HOME);
    await shown("the start", (number) => number === 0);
    await terminal.type(" ");
    await shown("what follows", (number) => number > 0);
    await terminal.type("]");
    await terminal.waitFor("the speed", /\/ 9:59 {2}2x/);
    await terminal.type("q");
    assertEquals(await terminal.finished(), 0);
    assertMatch(terminal.text, /frames {4}\d+ sent, \d+ acknowledged/);
    assertRestored(terminal, 0);
    // Keys aren't shown.
    assert(!terminal.text.includes("^["), terminal.text);
  },
);

testWith(
  ["linux"],
  "The terminal is as it was when a recording's player is hung up",
  async () => {
    await using folder = await temporaryFolder();
    const path = await writeNumbers(folder.path);
    // Nothing answers there.
    await using terminal = startClient("http://127.0.0.1:9", path);
    const [, pid] = await terminal.waitFor("the process", /pid (\d+)/);
    await terminal.waitFor("the keys", /space pauses/);
    Deno.kill(Number(pid), "SIGHUP");
    await terminal.finished();
    assertRestored(terminal, 129);
  },
);
