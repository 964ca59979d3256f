/** Clouds of a real lidar and of a depth camera, from client to server. */
import { assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { Verification } from "../../lib/publishing/verification.ts";
import { ROOT, testWith } from "../support.ts";
import { startClient, startServer } from "../../tools/processes.ts";

/** Publishes, and prints what a point takes. */
async function publish(
  args: string[],
  { mayDrop = false } = {},
): Promise<PublishReport> {
  await using server = await startServer();
  await using client = startClient(server, [
    ...["--media", "none", "--json", ...args],
  ]);
  const { code } = await client.finished();
  if (!mayDrop) assertEquals(code, 0, client.stderr.join("\n"));
  const report: PublishReport = JSON.parse(await client.stdout);
  const { bytesSent, framesSent, pointsPerFrame, latencyMs } = report;
  const bytes = bytesSent / framesSent / pointsPerFrame;
  console.log(
    `${args.join(" ").replaceAll(ROOT, "")}: ${framesSent} frames, ` +
      `${report.framesDropped} dropped, ${pointsPerFrame} points, ` +
      `${bytes.toFixed(2)} bytes each, latency ${latencyMs.p50} ms median`,
  );
  return report;
}

/** Half a millimetre, and the rounding of float32 at 100 m. */
const HALF_STEP = 0.0005 + 2 ** -17;

function checkPositions({ positions, differing }: Verification): void {
  assertEquals(differing, []);
  assertLess(0, positions.maxError);
  assertLessOrEqual(positions.maxError, HALF_STEP);
}

testWith(
  ["shared data"],
  "a real lidar's PointCloud2 arrives with all six fields",
  async () => {
    const report = await publish([
      ...["--source", `${ROOT}../shared/data/pointcloud2_hesai.cdr`],
      ...["--rate", "10", "--duration", "2", "--verify"],
    ]);
    const { verified, framesSent, pointsPerFrame, bytesSent } = report;
    assertEquals([framesSent, pointsPerFrame], [20, 64_000]);
    assertEquals([verified!.frames, verified!.mismatched], [20, 0]);
    checkPositions(verified!);
    assertEquals(verified!.exactFields, ["intensity", "ring", "timestamp"]);
    // Of 26 raw ones.
    assertLess(bytesSent / framesSent / pointsPerFrame, 3.2);
  },
);

testWith([], "a depth camera's picture arrives with its colours", async () => {
  const report = await publish([
    ...["--source", "rgbd", "--rate", "4", "--duration", "2", "--verify"],
  ]);
  const { verified, framesSent, pointsPerFrame } = report;
  assertEquals([framesSent, pointsPerFrame], [8, 640 * 480]);
  assertEquals([verified!.frames, verified!.mismatched], [8, 0]);
  checkPositions(verified!);
  assertEquals(verified!.exactFields, ["rgb"]);
  // As fast as such cameras are; how many of them it takes is the machine's.
  const live = await publish([
    ...["--source", "rgbd", "--rate", "15", "--duration", "2"],
  ], { mayDrop: true });
  assertEquals(live.framesAcked, live.framesSent);
  assertEquals(live.framesSent + live.framesDropped, 30);
});

for (const codec of ["raw", "npy", "f32"]) {
  testWith([], `every type arrives as it was by codec ${codec}`, async () => {
    const { verified } = await publish([
      ...["--source", "rgbd", "--points", "4800", "--codec", codec],
      ...["--rate", "10", "--duration", "1", "--verify"],
    ]);
    assertEquals([verified!.frames, verified!.mismatched], [10, 0]);
    assertEquals(verified!.exactFields, ["x", "y", "z", "rgb"]);
  });
}
