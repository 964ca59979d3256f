/**
 * Peers that other people wrote, as the drivers in this folder make them speak:
 * `publish URL` over WHIP, `watch URL` over WHEP. They tell what happens on
 * standard error, a JSON object a line, and report on standard output at the
 * end: of the session that they watch, or at SIGTERM.
 */
import {
  assertArrayIncludes,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
} from "@std/assert";
import { crc32 } from "node:zlib";
import { pointCloud } from "../../lib/points/cloud.ts";
import { checksumCloud } from "../../lib/points/checksum.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { randomSource } from "../../lib/sources/synthetic/random.ts";
import {
  getJson,
  type LogLine,
  Process,
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { until } from "../support.ts";
import { eventOf } from "./python.ts";

/** How a driver is started; what it is to do comes after `args`. */
export interface Driver {
  program: string;
  args: string[];
  env?: Record<string, string>;
}

export type Codec = "VP8" | "H264" | "VP9" | "H265";

/** What a driver says that it has sent, once it has sent all. */
interface Sent {
  /** Frames. */
  video: number;
  audio: number;
  clouds: number;
  /** RTP packets, where it counts them. */
  packets?: { video: number; audio: number };
}

/** What a driver that watched reports. */
export interface WatchReport {
  /** Status of the DELETE. */
  deleted: number;
  /** What told it of the end. */
  endedBy: string | null;
  frames: { audio: number; video: number };
  /** Width and height of the first picture, where it decodes; pixels. */
  size?: [number, number];
  /** Number, points and CRC-32 of each cloud. */
  clouds: [frame: number, points: number, sum: number][];
  errors: string[];
}

/** What a peer is to publish. */
export interface Publishing {
  codec: Codec;
  /** Clouds of points; 0 opens no data channel. */
  clouds: number;
  /** Further options of the driver. */
  args?: string[];
}

/** Of a cloud: two messages of pointwire.v1. */
const POINTS = 2000;

/**
 * Has a peer publish, and sees that each frame of what it sent arrived, and that
 * nothing was lost.
 */
export async function assertPublishes(
  driver: Driver,
  { codec, clouds, args = [] }: Publishing,
): Promise<SessionSnapshot> {
  await using server = await startServer(["--log-level", "debug"]);
  await using peer = startDriver(driver, "publish", `${server.url}/whip`, [
    ...["--codec", codec, "--clouds", `${clouds}`, "--points", `${POINTS}`],
    ...args,
  ]);
  const session = await sessionOf(peer);
  const sent = await peer.waitFor("that all is sent", eventOf("sent")) as
    & Record<string, unknown>
    & Sent;
  const arrived = await whenArrived(server, session, sent);

  const { video, audio, points, tracks } = arrived;
  assertEquals([video.codec, audio.codec], [codec, "opus"]);
  assertEquals([video.packetsLost, audio.packetsLost], [0, 0]);
  assertGreater(sent.video, 30);
  assertGreater(sent.audio, 50);
  assertGreaterOrEqual(video.keyframes, 1);
  assertGreater(video.width ?? 0, 0);
  assertEquals(tracks.map(({ invalid }) => invalid), tracks.map(() => 0));
  assertEquals(points.invalidReasons, {});
  assertEquals(cloudsOf(server.logs, session), dueClouds(clouds));

  const { code } = await peer.stop();
  assertEquals(code, 0, peer.stderr.slice(-20).join("\n"));
  assertEquals(JSON.parse(await peer.stdout).deleted, 200);
  return arrived;
}

/** The session as it is once all has arrived that was sent. */
async function whenArrived(
  server: ServerProcess,
  session: string,
  sent: Sent,
): Promise<SessionSnapshot> {
  const due = [sent.video, sent.audio, sent.clouds];
  let arrived: (number | string)[] = [];
  let snapshot: SessionSnapshot | undefined;
  const isThere = async () => {
    snapshot = await getJson(`${server.url}/sessions/${session}`);
    const { video, audio, points, tracks } = snapshot!;
    arrived = [video.frames, audio.frames, points.frames];
    if (`${arrived}` === `${due}`) return snapshot;
    arrived.push(JSON.stringify(tracks));
  };
  return await until(isThere, {
    what: () => `${due} frames of video, audio and points; ${arrived} arrived`,
    within: 5000,
  });
}

function cloudsOf(logs: LogLine[], session: string): unknown[] {
  return logs
    .filter((line) =>
      line.session === session && line.message === "points frame"
    )
    .map(({ frame, points, checksum }) => [frame, points, checksum]);
}

/** The clouds of a driver: float32 x y z that count up from the frame's number. */
function dueClouds(count: number): unknown[] {
  return Array.from({ length: count }, (_, frame) => {
    const values = Float32Array.from(
      { length: 3 * POINTS },
      (_, i) => frame + i,
    );
    return [frame, POINTS, checksumCloud(pointCloud(values))];
  });
}

/** What a peer is to watch. */
export interface Watching {
  codec: Codec;
  /** Clouds to wait for; 0 opens no data channel. */
  clouds: number;
  /** Further options of the driver. */
  args?: string[];
  /** Frames of video to wait for. @default {20} our test video has 10/s */
  pictures?: number;
  /** Options of our client that make it send the codec. */
  clientArgs?: string[];
}

/** Frames of video to wait for; our test video has 10 a second. */
const PICTURES = 20;

/**
 * Has a peer watch a session of our own client until that ends, and sees that
 * it got picture, sound and clouds, and learned of the end.
 */
export async function assertWatches(
  driver: Driver,
  { codec, clouds, args = [], clientArgs, pictures = PICTURES }: Watching,
): Promise<WatchReport> {
  await using server = await startServer();
  await using client = startClient(server, [
    ...["--points", `${POINTS}`, "--codec", "f32", "--duration", "0"],
    // Each point is looked for, however busy the machine is.
    "--no-adaptive",
    ...clientArgs ?? ["--video-codec", codec.toLowerCase()],
  ]);
  const { session } = await server.waitForLog(
    "the connection",
    (line) => line.message === "session connected",
  );
  await using peer = startDriver(
    driver,
    "watch",
    `${server.url}/whep/${session}`,
    [
      ...["--codec", codec, "--clouds", `${clouds}`, ...args],
    ],
  );
  await peer.waitFor("pictures", (line) => {
    const { frames } = eventOf("video")(line) ?? { frames: 0 };
    return frames as number >= pictures || undefined;
  });
  if (clouds > 0) await peer.waitFor("clouds", eventOf("clouds"));
  assertEquals((await client.stop("SIGINT")).code, 0);
  await peer.waitFor("the end of the session", eventOf("ended"));
  const { code } = await peer.finished();
  assertEquals(code, 0, peer.stderr.slice(-20).join("\n"));
  const report: WatchReport = JSON.parse(await peer.stdout);
  assertEquals(report.errors, []);
  // Silence would tell it too, after half a minute or never.
  const ends = ["bye", "connection closed", "DTLS closed", "track ended"];
  assertArrayIncludes(ends, [report.endedBy]);
  assertEquals(report.deleted, 404);
  assertGreater(report.frames.audio, 50);
  assertGreaterOrEqual(report.frames.video, pictures);
  if (clouds > 0) assertClouds(report.clouds);
  return report;
}

/** Every cloud came once, in order, with every value that our client sent. */
function assertClouds(clouds: WatchReport["clouds"]): void {
  const source = randomSource(POINTS);
  const sums: number[] = [];
  const due = clouds.map((_, i) => {
    const number = clouds[0][0] + i;
    while (sums.length <= number) {
      sums.push(crc32(source.next(sums.length).data));
    }
    return [number, POINTS, sums[number]];
  });
  assertEquals(clouds, due as typeof clouds);
}

function startDriver(
  { program, args, env }: Driver,
  role: "publish" | "watch",
  url: string,
  more: string[],
): Process {
  return new Process(program, [...args, role, url, ...more], { env });
}

/** The session that a publisher was answered with. */
async function sessionOf(peer: Process): Promise<string> {
  const { location } = await peer.waitFor("the answer", eventOf("answered"));
  return `${location}`.slice(`${location}`.lastIndexOf("/") + 1);
}
