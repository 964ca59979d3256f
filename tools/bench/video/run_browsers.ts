/** A run of libwebrtc with itself: one page publishes to another. */
import { unlessAborted } from "../../../lib/async.ts";
import { cameraClip, CAMERAS } from "../../camera_clip.ts";
import { startLoneRelay } from "../../impair/relay_process.ts";
import { STEPS } from "./conditions.ts";
import { type Figures, recoveryFigures, watcherFigures } from "./figures.ts";
import { startPages } from "./pages.ts";
import {
  CODEC_NAMES,
  passWatched,
  repairFigures,
  type VideoRun,
} from "./run.ts";

/** Chromium begins its camera's file again at the end. */
const CAPTURE_SECONDS = 10;

/**
 * Most bits a second of the video: what our client encodes a picture of that
 * size to.
 */
const MAX_BITRATES = {
  "480p20": 800_000,
  "720p30": 2_500_000,
  "1080p30": 5_300_000,
};

/** Runs it; both legs are one here. */
export async function runBrowsers(run: VideoRun): Promise<Figures> {
  const { condition, codec, seed, signal, scripts } = run;
  const { camera, relay: args = [] } = condition;
  const form = "capture";
  const file = await cameraClip(camera, {
    form,
    seconds: CAPTURE_SECONDS,
    signal,
  });
  await using relay = await startLoneRelay([...args, "--seed", `${seed}`]);
  await using pages = await startPages(scripts, file);
  const connect = async () => {
    const publisher = await pages.openPublisher();
    const watcher = await pages.openWatcher();
    const sdp = await publisher.offer({
      ...CAMERAS[camera],
      codec: CODEC_NAMES[codec],
      maxBitrate: MAX_BITRATES[camera],
    });
    const offer = await relay.post("/pairs", { sdp });
    const answer = await relay.post(`/pairs/${offer.pair}`, {
      sdp: await watcher.answer(offer.sdp),
    });
    await publisher.accept(answer.sdp);
    return watcher;
  };
  const watcher = await unlessAborted(connect(), signal);
  const machine = await passWatched(run, watcher, relay);
  const reading = await unlessAborted(watcher.read(), signal);
  return {
    ...watcherFigures(reading),
    ...machine,
    ...await repairFigures(relay, "toAnswerer"),
    ...condition.changes && recoveryFigures(reading, {
      ...STEPS,
      rate: CAMERAS[camera].rate,
    }),
  };
}
