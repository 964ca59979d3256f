/** A run of the real server and the real client, with browsers that watch. */
import { setTimeout as delay } from "node:timers/promises";
import { settlesWithin, unlessAborted } from "../../../lib/async.ts";
import type { PublishReport } from "../../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../../lib/session/snapshot.ts";
import { cameraClip, CAMERAS } from "../../camera_clip.ts";
import { type RelayProcess, startRelay } from "../../impair/relay_process.ts";
import {
  getJson,
  type Process,
  startClient,
  startServer,
} from "../../processes.ts";
import { FAST_RELAY, type Measured, STEPS } from "./conditions.ts";
import {
  type Figures,
  pictureFigures,
  pointsFigures,
  recoveryFigures,
  serverFigures,
  watchedPoints,
  watcherFigures,
} from "./figures.ts";
import { type Pages, startPages, type WatcherTab } from "./pages.ts";
import type { WatcherReading } from "./reading.ts";
import {
  CODEC_NAMES,
  passSeconds,
  repairFigures,
  type VideoRun,
  waitForPicture,
} from "./run.ts";

/** Time that a stream runs before another watcher joins, milliseconds. */
const BEFORE_JOINING_MS = 5_000;
/** Time between two looks at the server's count of frames, milliseconds. */
const LOOK_MS = 20;
/** Longest that the client may take for its report, milliseconds. */
const REPORT_MS = 10_000;
/** A cloud that costs nothing: the client has no source without points. */
const NO_CLOUD = { points: 1, rate: 1 };

/** The parts of a run that is under way. */
interface Stage {
  run: VideoRun;
  /** URL of the session. */
  session: string;
  /** Where the measured watcher, and another one, ask for it. */
  watchers: { measured: string; other: string };
  /** The impaired leg's. */
  relay: RelayProcess | undefined;
  /** Of the watchers; none where the server counts. */
  pages: Pages | undefined;
}

/** What was measured, but for the client's report. */
interface Outcome extends Measured {
  /** The session when measuring began, and when it ended. */
  sessions: [SessionSnapshot, SessionSnapshot];
  /** Between the two, seconds. */
  seconds: number;
  reading?: WatcherReading;
}

/** Runs it; everything that was started is gone afterwards. */
export async function runOurs(run: VideoRun): Promise<Measured> {
  const { condition, leg, seed, signal } = run;
  const clip = await cameraClip(condition.camera, { signal });
  await using server = await startServer(["--host", "127.0.0.1"]);
  const seeded = ["--seed", `${seed}`];
  await using relay = leg && condition.relay &&
    await startRelay(server, [...condition.relay, ...seeded]);
  await using fast = condition.watchers === "slow beside fast"
    ? await startRelay(server, [...FAST_RELAY, ...seeded])
    : undefined;
  // Before the client: a browser that starts takes the machine for a while.
  await using pages = isByBrowser(run)
    ? await startPages(run.scripts)
    : undefined;
  const publishTo = leg === "publisher" && relay ? relay : server;
  await using client = startClient(publishTo, clientArguments(run, clip));
  const { session: id } = await unlessAborted(
    server.waitForLog(
      "the connection",
      ({ message }) => message === "session connected",
    ),
    signal,
  );
  const watchFrom = leg === "watcher" && relay ? relay : server;
  const outcome = await measure({
    run,
    session: `${server.url}/sessions/${id}`,
    watchers: {
      measured: `${watchFrom.url}/whep/${id}`,
      other: `${(fast ?? server).url}/whep/${id}`,
    },
    relay: relay || undefined,
    pages,
  });
  const direction = leg === "publisher" ? "toAnswerer" : "toOfferer";
  const repair = await repairFigures(relay || undefined, direction);
  const report = await reportOf(client, signal);
  return {
    ours: {
      ...outcome.ours,
      ...serverFigures(outcome.sessions[1]),
      ...repair,
      ...pointsOf(run, outcome, report),
    },
    other: outcome.other,
  };
}

function clientArguments(
  { condition, codec, leg, clientArgs }: VideoRun,
  clip: string,
): string[] {
  const { points, rate } = condition.cloud ?? NO_CLOUD;
  return [
    ...["--json", "--log-level", "warn", "--duration", "0"],
    ...["--media", clip, "--video-codec", codec],
    ...["--source", "lidar", "--points", `${points}`, "--rate", `${rate}`],
    // Through the relay it looks like one machine, where packets are larger.
    ...leg === undefined ? [] : ["--mtu", "1280"],
    ...clientArgs,
  ];
}

function isByBrowser(
  { isWatched, condition: { watchers } }: VideoRun,
): boolean {
  return isWatched || (watchers !== "one" && watchers !== "none");
}

function measure(stage: Stage): Promise<Outcome> {
  const { pages } = stage;
  return pages === undefined
    ? measureByServer(stage)
    : measureByBrowser(stage, pages);
}

async function measureByBrowser(
  stage: Stage,
  pages: Pages,
): Promise<Outcome> {
  const { run, watchers, relay } = stage;
  const { condition, signal } = run;
  const tab = await pages.openWatcher();
  let other: WatcherTab | undefined;
  if (condition.watchers === "joining") {
    other = await pages.openWatcher();
    const first = other;
    await watch(run, first, watchers.other);
    await waitForPicture(() => first.hasPicture(), signal);
    await delay(BEFORE_JOINING_MS, undefined, { signal });
  } else if (condition.watchers === "slow beside fast") {
    other = await pages.openWatcher();
    await watch(run, other, watchers.other);
  }
  await watch(run, tab, watchers.measured);
  await waitForPicture(() => tab.hasPicture(), signal);
  const [before, started] = await look(stage);
  const machine = await passSeconds(run, relay);
  const reading = await unlessAborted(tab.read(), signal);
  const otherReading = other && await unlessAborted(other.read(), signal);
  const [after, ended] = await look(stage);
  return {
    ours: {
      ...watcherFigures(reading),
      ...machine,
      ...condition.changes && recoveryFigures(reading, {
        ...STEPS,
        rate: CAMERAS[condition.camera].rate,
      }),
    },
    other: otherReading && watcherFigures(otherReading),
    sessions: [before, after],
    seconds: (ended - started) / 1000,
    reading,
  };
}

/** Joins by WHEP. */
async function watch(
  { codec, condition, signal }: VideoRun,
  tab: WatcherTab,
  url: string,
): Promise<void> {
  const points = condition.cloud !== undefined;
  const settings = { points, codec: CODEC_NAMES[codec] };
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: await unlessAborted(tab.offer(settings), signal),
    signal,
  });
  const answer = await response.text();
  if (!response.ok) {
    throw new Error(`POST ${url} answered ${response.status}: ${answer}`);
  }
  await unlessAborted(tab.accept(answer), signal);
}

/** Without a watcher: frames as the server counts them. */
async function measureByServer(stage: Stage): Promise<Outcome> {
  const { run, relay } = stage;
  const { signal } = run;
  await waitForPicture(
    async () => (await look(stage))[0].video.frames > 0,
    signal,
  );
  const [before, started] = await look(stage);
  const stop = new AbortController();
  const times: number[] = [];
  const looking = (async () => {
    let count = before.video.frames;
    while (!stop.signal.aborted) {
      const [{ video }, now] = await look(stage);
      for (; count < video.frames; count++) times.push(now);
      await delay(LOOK_MS);
    }
  })();
  let machine: Figures = {};
  try {
    machine = await passSeconds(run, relay);
  } finally {
    stop.abort();
    await looking;
  }
  const [after, ended] = await look(stage);
  return {
    ours: { ...pictureFigures(times, ended), ...machine },
    sessions: [before, after],
    seconds: (ended - started) / 1000,
  };
}

/** The session now, and the time, milliseconds. */
async function look({ session }: Stage): Promise<[SessionSnapshot, number]> {
  return [await getJson<SessionSnapshot>(session), performance.now()];
}

/** Ends the client in order. @returns nothing where it has no report. */
async function reportOf(
  client: Process,
  signal: AbortSignal,
): Promise<PublishReport | undefined> {
  const stopped = client.stop("SIGINT");
  if (!await settlesWithin(REPORT_MS, stopped, signal)) return undefined;
  const output = await client.stdout;
  return output === "" ? undefined : JSON.parse(output);
}

/** The points of the impaired leg; nothing where the picture is alone. */
function pointsOf(
  { condition: { cloud }, leg }: VideoRun,
  { reading, sessions, seconds }: Outcome,
  report: PublishReport | undefined,
): Figures {
  if (cloud === undefined) return {};
  if (leg === "watcher" && reading) return watchedPoints(reading, cloud.points);
  return pointsFigures(report, sessions, { seconds, points: cloud.points });
}
