/** The page where WebRTC doesn't get through. */
import { assertEquals, assertLess } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import { ROOT, testWith, until } from "../support.ts";
import { startBrowser } from "./browser.ts";

/** No more than this, even on a machine that is busy; milliseconds. */
const SANE_MS = 10_000;

testWith(
  ["chromium", "ffmpeg"],
  "without UDP the page watches all of a session by HTTP, and says so",
  async () => {
    await using server = await startServer();
    await using client = startClient(server, [
      ...["--source", "front=lidar", "--points", "5000"],
      ...["--source", "rear=lidar", "--points", "4000"],
      ...["--media", `front=${ROOT}/tests/data/test.mp4`],
      ...["--media", "rear=test", "--video-size", "320x180"],
      ...["--duration", "0", "--name", "robot"],
    ]);
    await using browser = await startBrowser();
    await using viewer = await browser.open("about:blank");
    const { page } = viewer;
    await page.addInitScript(blockUdp);
    await page.goto(server.url);
    await using lacking = await browser.open("about:blank");
    await lacking.page.addInitScript(blockUdp);
    await lacking.page.addInitScript(() => {
      Reflect.deleteProperty(globalThis, "VideoDecoder");
    });
    await lacking.page.goto(server.url);
    await viewer.text("#status", /^Live, by HTTP: WebRTC doesn’t/);
    await viewer.text("#points", /^9,000$/);
    await viewer.nextFrames(5);
    for (const name of ["front", "rear"]) {
      const video = `#videos figure video[aria-label$="${name}"]`;
      const note = `#videos figure:has(video[aria-label$="${name}"]) .note`;
      const behind = await viewer.text(
        note,
        /^\d+ ms (behind|ahead of) the points$/,
      );
      assertLess(parseInt(behind), SANE_MS);
      await page.waitForFunction(
        (selector) => {
          const video = document.querySelector<HTMLVideoElement>(selector)!;
          const { totalVideoFrames } = video.getVideoPlaybackQuality();
          return video.videoWidth === 320 && totalVideoFrames > 10;
        },
        video,
        { timeout: 60_000, polling: 100 },
      );
    }
    await page.waitForFunction(isHeard, undefined, {
      timeout: 60_000,
      polling: 100,
    });
    await lacking.text(
      "#video-note",
      /^The session’s video \(VP8\) can’t be shown by HTTP: .* no WebCodecs\.$/,
    );
    await lacking.nextFrames(2);
    const asked = viewer.requests.filter((url) => /\/sessions\/\w/.test(url));
    assertEquals(asked.length, 1, asked.join());
    assertEquals(viewer.errors, []);
    await client.stop("SIGINT");
    await viewer.text("#status", /^The session ended/);
    await until(async () => {
      const sessions = await (await fetch(`${server.url}/sessions`)).json();
      return sessions.length === 0;
    }, { what: "the end" });
  },
);

/** Whether there is more than silence in any of the page's videos. */
async function isHeard(): Promise<boolean> {
  await using life = new AsyncDisposableStack();
  const audio = life.adopt(new AudioContext(), (audio) => audio.close());
  const analyser = new AnalyserNode(audio);
  for (const { srcObject } of document.querySelectorAll("video")) {
    const [track] = (srcObject as MediaStream).getAudioTracks();
    if (track === undefined) continue;
    audio.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  return samples.some((sample) => Math.abs(sample) > 0.01);
}

/** Has the page send through a TURN server alone, of which there is none. */
function blockUdp(): void {
  const Connection = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Connection {
    constructor() {
      super({ iceTransportPolicy: "relay" });
    }
  };
}
