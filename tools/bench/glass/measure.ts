/** One measurement, from a camera's picture to a watcher's. */
import { setTimeout as delay } from "node:timers/promises";
import { unlessAborted } from "../../../lib/async.ts";
import { watch } from "../../../lib/playing/watch.ts";
import { startRelay } from "../../impair/relay_process.ts";
import { startClient, startServer } from "../../processes.ts";
import { type CameraKind, startCamera } from "./camera.ts";
import { Eye, type Glance } from "./eye.ts";

/** What is measured. */
export interface GlassRun {
  camera: CameraKind;
  /** Options of the client about it. */
  clientArgs: string[];
  /** Options of a relay between client and server; none without. */
  relay?: string[];
  /** How long, after the first pictures. */
  seconds: number;
  signal: AbortSignal;
}

/** What was seen. */
export interface Seen {
  glances: Glance[];
  /** Pictures that were too poor to read their time. */
  unread: number;
}

/** Time for rates and queues to settle after the first picture. */
const SETTLE_MS = 3_000;
const LOOK_MS = 50;
/** Longest wait for a first picture, milliseconds. */
const PATIENCE_MS = 60_000;

/** Runs it; everything that was started is gone afterwards. */
export async function measureGlass(
  { camera: kind, clientArgs, relay: impair, seconds, signal }: GlassRun,
): Promise<Seen> {
  await using camera = await startCamera(kind);
  await using server = await startServer(["--host", "127.0.0.1"]);
  await using relay = impair && await startRelay(server, impair);
  await using _client = startClient(relay || server, [
    ...["--points", "1000", "--rate", "1", "--duration", "0"],
    ...["--media", camera.url, "--log-level", "warn", ...clientArgs],
    ...impair ? ["--mtu", "1280"] : [],
  ]);
  await unlessAborted(
    server.waitForLog(
      "the connection",
      ({ message }) => message === "session connected",
    ),
    signal,
  );
  await using eye = new Eye();
  await using _session = await watch({
    ...{ server: server.url, signal },
    onMediaFrame: (frame) => eye.take(frame),
  });
  const deadline = AbortSignal.timeout(PATIENCE_MS);
  while (eye.glances.length === 0) {
    deadline.throwIfAborted();
    await delay(LOOK_MS, undefined, { signal });
  }
  await delay(SETTLE_MS, undefined, { signal });
  eye.restart();
  await delay(1000 * seconds, undefined, { signal });
  return { glances: [...eye.glances], unread: eye.unread };
}
