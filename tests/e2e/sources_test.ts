import {
  assert,
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertMatch,
} from "@std/assert";
import { checksumCloud } from "../../lib/points/checksum.ts";
import {
  type PointCloud,
  pointCloud,
  selectFields,
  toFloat32,
} from "../../lib/points/cloud.ts";
import { decodeFile, encodeFile } from "../../lib/points/formats.ts";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { lidarSource } from "../../lib/sources/synthetic/lidar.ts";
import { ROOT, temporaryFolder, testWith } from "../support.ts";
import { arrived } from "./arrived.ts";
import {
  getJson,
  type LogLine,
  type Process,
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";

/** A real scan where there is one, else a synthetic one of the same size. */
async function scan(folder: string): Promise<string> {
  const real = `${ROOT}/../shared/data/lidar.pcd`;
  try {
    await Deno.stat(real);
    return real;
  } catch {
    const path = `${folder}/lidar.pcd`;
    const cloud = lidarSource(115_385).next(0, 0);
    await Deno.writeFile(path, encodeFile(path, cloud));
    return path;
  }
}

/** What the receiver has to get out of a cloud sent at a resolution. */
function quantized(
  cloud: PointCloud,
  resolution: number,
): Promise<PointCloud> {
  const encoded = encodeFile("a.cloudini", cloud, { resolution });
  return decodeFile("a.cloudini", encoded);
}

function maxError(a: PointCloud, b: PointCloud): number {
  assertEquals(a.fields, b.fields);
  const values = toFloat32(b);
  return toFloat32(a).reduce(
    (max, value, i) => Math.max(max, Math.abs(value - values[i])),
    0,
  );
}

testWith([], "several sources are streams, each in its place", async () => {
  await using server = await startServer();
  await using client = startClient(server, [
    ...["--media", "none", "--json", "--name", "robot-7", "--verify"],
    ...["--rate", "5", "--duration", "3", "--points", "2000"],
    ...["--source", "front=lidar", "--pose", "1,0,0.5,0,0,90"],
    ...["--source", "rear=random", "--rate", "10", "--codec", "raw"],
  ]);
  const { watch } = await import("../../lib/playing/watch.ts");
  await server.waitForLog(
    "the session",
    ({ message }) => message === "receiving",
  );
  await using session = await watch({ server: server.url, session: "robot-7" });
  const got = new Set<string>();
  for await (const { cloud, frame } of session) {
    assertEquals(cloud.points, 2000);
    got.add(frame.stream);
  }
  assertEquals([...got].toSorted(), ["front", "rear"]);
  const { frameId, parent, pose } = session.places.get("front")!;
  assertEquals([frameId, parent], ["front", "base_link"]);
  assertEquals(pose?.translation, [1, 0, 0.5]);
  assertEquals(session.places.get("rear"), {});

  const { code } = await client.finished();
  const { streams, verified, framesSent }: PublishReport = JSON.parse(
    await client.stdout,
  );
  assertEquals(
    streams.map(({ name, framesSent, framesAcked, framesDropped }) => [
      ...[name, framesSent, framesAcked, framesDropped],
    ]),
    [["front", 15, 15, 0], ["rear", 30, 30, 0]],
    client.stderr.join("\n"),
  );
  assertEquals([verified?.frames, verified?.mismatched], [framesSent, 0]);
  assertEquals(code, 0);
  const closed = await server.waitForLog(
    "the end",
    ({ message }) => message === "session closed",
  );
  const shown = closed as unknown as SessionSnapshot;
  assertEquals(
    shown.streams.map(({ name, frames, codec, parent }) => [
      ...[name, frames, codec, parent],
    ]),
    [["front", 15, "cloudini", "base_link"], ["rear", 30, "raw", undefined]],
  );
}, { sanitizeOps: false, sanitizeResources: false });

/** The points frames that a server has logged at debug level. */
function framesOf(server: Process): LogLine[] {
  return server.logs.filter((line) => line.message === "points frame");
}

/** Frames a second: a busy machine has to keep up with them. */
const RATE = 10;

async function publishTo(server: ServerProcess, args: string[]) {
  await using client = startClient(server, [
    // What arrives is compared: a machine that is busy is no reason for less.
    ...["--media", "none", "--json", "--rate", `${RATE}`, "--no-adaptive"],
    ...args,
  ]);
  const { code } = await client.finished();
  const report: PublishReport = JSON.parse(await client.stdout);
  const closed = await server.waitForLog(
    "the end of the session",
    (line) =>
      line.message === "session closed" && line.session === report.session,
  ) as unknown as SessionSnapshot;
  return { code, report, closed, stderr: client.stderr };
}

testWith(
  [],
  "a scan from a file arrives within half a millimetre",
  async () => {
    await using folder = await temporaryFolder();
    await using server = await startServer(["--log-level", "debug"]);
    const path = await scan(folder.path);
    await using client = startClient(server, [
      ...["--source", path, "--duration", "0", "--media", "none", "--json"],
    ]);
    const line = await server.waitForLog(
      "a frame",
      (line) => line.message === "points frame" && Number(line.frame) >= 2,
    );
    const { points } = await getJson<SessionSnapshot>(
      `${server.url}/sessions/${line.session}`,
    );
    assertEquals((await client.stop("SIGINT")).code, 0);

    const source = await decodeFile(path, await Deno.readFile(path));
    const expected = await quantized(source, 0.001);
    assertLessOrEqual(maxError(source, expected), 0.0005 + 2 ** -18);
    const sum = checksumCloud(expected);
    for (const frame of framesOf(server)) {
      assertEquals(frame.points, 115_385);
      assertEquals(frame.checksum, sum);
    }
    assertEquals(points.codec, "cloudini");
    assertLess(points.bytesPerPoint!, 16 / 3);
  },
);

testWith([], "every codec delivers a scan with its intensity", async () => {
  await using server = await startServer(["--log-level", "debug"]);
  const source = lidarSource(20_000);
  for (const codec of ["f32", "npy", "cloudini"] as const) {
    const before = framesOf(server).length;
    const { code, report, closed, stderr } = await publishTo(server, [
      ...["--source", "lidar", "--points", "20000", "--duration", "1"],
      ...["--codec", codec, "--resolution", "0.01", "--verify"],
    ]);
    assertEquals(code, 0, stderr.join("\n"));
    assertEquals(arrived(report.verified), [10, 0]);
    assertEquals(closed.points.codec, codec);
    assertEquals(closed.points.invalid, 0);
    const frames = framesOf(server).slice(before);
    for (const [i, frame] of frames.entries()) {
      const cloud = source.next(i, i / RATE);
      const due = codec === "cloudini" ? await quantized(cloud, 0.01) : cloud;
      assertEquals(frame.checksum, checksumCloud(due), `${codec} ${i}`);
    }
    assertEquals(frames.length, 10);
  }
});

testWith([], "just the fields that are asked for are sent", async () => {
  await using server = await startServer();
  const { code, closed } = await publishTo(server, [
    ...["--source", "lidar", "--points", "1000", "--duration", "0.25"],
    ...["--codec", "f32", "--fields", "x,y,z"],
  ]);
  assertEquals(code, 0);
  assertEquals(closed.points.bytesPerPoint, 12);
});

testWith(
  [],
  "a folder is played once, bad files passed over and counted",
  async () => {
    await using folder = await temporaryFolder();
    const source = lidarSource(500);
    for (let i = 0; i < 6; i++) {
      const path = `${folder.path}/${i}.pcd`;
      await Deno.writeFile(path, encodeFile(path, source.next(i, i)));
    }
    await Deno.writeTextFile(`${folder.path}/3.pcd`, "VERSION nonsense");
    await using server = await startServer();
    const { code, report, stderr } = await publishTo(server, [
      ...["--source", folder.path, "--duration", "0"],
    ]);
    assertEquals([report.framesSent, report.filesSkipped], [5, 1]);
    assertEquals(code, 1);
    assertMatch(stderr.at(-1)!, /^1 of the source's clouds could not be read/);
    assert(stderr.some((line) => line.includes(`${folder.path}/3.pcd`)));
  },
);

testWith(
  [],
  "a field that its steps can't hold arrives exactly, and a name as raw",
  async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/far.ply`;
    const values = Float32Array.of(1, 2, 3, 0.5, 4, Infinity, 1e9, NaN);
    await using server = await startServer(["--log-level", "debug"]);
    for (const name of ["intensity", "Größe"]) {
      const cloud = pointCloud(values, ["x", "y", "z", name]);
      await Deno.writeFile(path, encodeFile(path, cloud));
      const { code, report, closed, stderr } = await publishTo(server, [
        ...["--source", path, "--duration", "1", "--verify"],
      ]);
      assertEquals(code, 0, stderr.join("\n"));
      assertEquals(arrived(report.verified), [10, 0]);
      assertEquals(report.verified!.differing, []);
      const isPlain = name === "intensity";
      assertEquals(closed.points.codec, isPlain ? "cloudini" : "raw");
      const warnings = stderr.filter((line) => line.includes("go as raw"));
      assertEquals(warnings.length, isPlain ? 0 : 1);
    }
  },
);

testWith(
  [],
  "types of raw points on a pipe are said, and zero frames is an error",
  async () => {
    await using server = await startServer();
    const pipe = async (bytes: Uint8Array) => {
      const client = new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--quiet", "-P=client", "client.ts", "--media", "none"],
          ...["--signaling", `${server.url}/offer`, "--source", "-", "--json"],
          ...["--points", "10", "--fields", "x,y,z,ring:u2", "--verify"],
        ],
        cwd: ROOT,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = client.stdin.getWriter();
      await writer.write(bytes);
      await writer.close();
      const { code, stdout, stderr } = await client.output();
      const text = new TextDecoder();
      return { code, out: text.decode(stdout), err: text.decode(stderr) };
    };
    const { code, out, err } = await pipe(new Uint8Array(14 * 10 * 3).fill(7));
    assertEquals(code, 0, err);
    const report: PublishReport = JSON.parse(out);
    assertEquals([report.framesSent, report.pointsPerFrame], [3, 10]);
    assert(report.verified!.exactFields.includes("ring"));
    const nothing = await pipe(new Uint8Array(0));
    assertEquals(nothing.code, 1);
    assertMatch(nothing.err, /Standard input ended without a frame/);
  },
);

testWith(
  [],
  "any program can pipe frames in; an end in a frame is told",
  async () => {
    await using server = await startServer(["--log-level", "debug"]);
    const values = Float32Array.from({ length: 3 * 1000 }, (_, i) => i / 8);
    const bytes = new Uint8Array(values.buffer);
    const client = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "-P=client", "client.ts", "--media", "none"],
        ...["--signaling", `${server.url}/offer`, "--source", "-"],
        ...["--points", "300", "--codec", "f32", "--duration", "0", "--json"],
      ],
      cwd: ROOT,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = client.stdin.getWriter();
    await writer.write(bytes.subarray(0, 5000));
    await writer.write(bytes.subarray(5000));
    await writer.close();
    const { code, stdout, stderr } = await client.output();
    const said = new TextDecoder().decode(stderr);
    const report: PublishReport = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(report.framesSent, 3);
    assertMatch(said, /ended in the middle of a frame: byte 1200 of 3600/);
    assertEquals(code, 1);
    await server.waitForLog(
      "the end of the session",
      (line) => line.message === "session closed",
    );
    assertEquals(
      framesOf(server).map((frame) => frame.checksum),
      [0, 900, 1800].map((at) =>
        checksumCloud(pointCloud(values.subarray(at, at + 900)))
      ),
    );
  },
);

testWith(
  [],
  "files that appear in a followed folder arrive, until the duration is over",
  async () => {
    await using folder = await temporaryFolder();
    await using server = await startServer(["--log-level", "debug"]);
    await using client = startClient(server, [
      ...["--source", folder.path, "--follow", "--duration", "5", "--json"],
      ...["--media", "none", "--codec", "raw", "--fields", "x,y,z"],
    ]);
    await server.waitForLog(
      "the session",
      ({ message }) => message === "session connected",
    );
    const source = lidarSource(400);
    const clouds = [0, 1, 2].map((frame) => source.next(frame, frame));
    for (const [i, cloud] of clouds.entries()) {
      const part = `${folder.path}/.part`;
      await Deno.writeFile(part, encodeFile(".pcd", cloud));
      await Deno.rename(part, `${folder.path}/${i}.pcd`);
      await server.waitForLog(
        `frame ${i}`,
        ({ message, frame }) => message === "points frame" && frame === i,
      );
    }
    const { code } = await client.finished();
    assertEquals(code, 0, client.stderr.join("\n"));
    const report: PublishReport = JSON.parse(await client.stdout);
    assertEquals(report.framesAcked, 3);
    assertEquals(
      framesOf(server).map((frame) => frame.checksum),
      clouds.map((cloud) =>
        checksumCloud(selectFields(cloud, ["x", "y", "z"]))
      ),
    );
  },
);

testWith([], "a source that isn't there is named", async () => {
  await using server = await startServer();
  for (const source of ["nowhere.pcd", "README.md", "*.nothing"]) {
    await using client = startClient(server, ["--source", source]);
    assertEquals((await client.finished()).code, 1, source);
    assert(client.stderr.at(-1)!.includes(source), client.stderr.at(-1));
  }
});
