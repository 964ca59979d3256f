/** Packets as large as the path takes, between hosts with a router between. */
import { assert, assertEquals } from "@std/assert";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { LogLine } from "../../tools/processes.ts";
import { testWith } from "../support.ts";
import { RoutedPath } from "./routed_path.ts";

const LOG = ["--log-format", "json", "--log-level", "debug"];

for (const [family, isSilent] of [[4, true], [6, false]] as const) {
  testWith(
    ["linux", "network namespaces"],
    `packets follow what a router takes${isSilent ? ", silently" : ""}, ` +
      `over IPv${family}`,
    () => assertFollows(family, isSilent),
  );
}

async function assertFollows(family: 4 | 6, isSilent: boolean): Promise<void> {
  await using path = await RoutedPath.open(family);
  if (isSilent) await path.silence();
  await using server = path.start("far", [
    ...["run", "-P=server", "--allow-ffi", "server.ts", "--port", "0"],
    ...["--host", family === 4 ? "0.0.0.0" : "::", ...LOG],
  ]);
  const { url } = await server.waitForLog(
    "the server's address",
    ({ message }) => message === "listening",
  );
  const far = family === 4 ? path.farAddress : `[${path.farAddress}]`;
  const { port } = new URL(url as string);
  await using client = path.start("near", [
    ...["run", "-P=client", "--allow-ffi", "client.ts", "--signaling"],
    ...[`http://${far}:${port}/offer`, "--points", "20000", "--rate", "20"],
    ...["--duration", "0", "--media", "none", "--no-adaptive"],
    ...["--verify", "--json", ...LOG],
  ]);
  await client.waitForLog(
    "packets of 1500 bytes",
    () => mtusOf(client.logs).at(-1) === 1500,
  );
  await path.limit(1300);
  await client.waitForLog(
    "packets of 1280 bytes",
    () => mtusOf(client.logs).at(-1) === 1280,
  );
  // What had been cut for the larger ones arrives too, in its order.
  const due = framesOf(client.logs).length + 10;
  await server.waitForLog(
    "frames in smaller packets",
    () => framesOf(server.logs).length >= due,
  );
  assertEquals((await client.stop("SIGINT")).code, 0);
  const frames = framesOf(server.logs);
  assert(frames.every((frame, i) => i === 0 || frame > frames[i - 1]));
  // Where the router told the kernel, that would have cut larger probes itself.
  assertEquals(mtusOf(client.logs).at(-1), 1280);
  const report: PublishReport = JSON.parse(await client.stdout);
  assertEquals(report.outages, []);
  assertEquals(report.verified?.frames, report.framesAcked);
  assertEquals(report.verified?.mismatched, 0);
}

/** The numbers of the frames that a program tells of. */
function framesOf(logs: LogLine[]): number[] {
  return logs.filter(({ message }) => message === "points frame")
    .map(({ frame }) => frame as number);
}

/** What a program found that the path takes, bytes. */
function mtusOf(logs: LogLine[]): unknown[] {
  return logs
    .filter(({ message }) => message === "the path takes other packets")
    .map(({ mtu }) => mtu);
}
