/** The page in a browser that lacks something. */
import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { getJson, startClient, startServer } from "../../tools/processes.ts";
import { testWith, until } from "../support.ts";
import { startBrowser, type ViewerPage } from "./browser.ts";

/** Pictures that the page's video has shown. */
function pictures({ page }: ViewerPage): Promise<number> {
  return page.locator("#videos video").evaluate((video) =>
    (video as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames
  );
}

testWith(
  ["chromium", "ffmpeg"],
  "without WebGL 2 the page shows video and counters, and says why",
  async () => {
    await using server = await startServer();
    await using _client = startClient(server, [
      ...["--source", "lidar", "--points", "5000", "--duration", "0"],
    ]);
    await using browser = await startBrowser([
      ...["--disable-gpu", "--disable-3d-apis"],
    ]);
    await using viewer = await browser.open(server.url);
    const { page } = viewer;
    await viewer.text("#status", /live/i);
    await viewer.text("#no-cloud", /WebGL 2/);
    assert(await page.locator("#no-cloud").isVisible());
    assert(await page.locator("#cloud").isHidden());
    await viewer.text("#points", /^5,000$/);
    await viewer.text("#frame-rate", /^[1-9]/);
    await viewer.text("#throughput", /[1-9]/);
    await page.locator("#videos video").waitFor();
    await until(async () => await pictures(viewer) > 5, { what: "pictures" });
    const box = await page.locator("#videos video").boundingBox();
    // Nothing else takes the room.
    assertGreater(box!.width, 400);
    assertEquals(
      await page.evaluate(() => ({
        webgl: document.createElement("canvas").getContext("webgl2"),
      })),
      { webgl: null },
    );
    for (const key of ["f", "p", "c", "ArrowLeft", "+"]) {
      await page.keyboard.press(key);
    }
    assertEquals(viewer.errors, []);
  },
);

testWith(
  ["chromium"],
  "with WebGL 2 the page says nothing of it",
  async () => {
    await using server = await startServer();
    await using browser = await startBrowser();
    await using viewer = await browser.open(server.url);
    await viewer.text("#status", /./);
    assert(await viewer.page.locator("#no-cloud").isHidden());
    assert(await viewer.page.locator("#cloud").isVisible());
  },
);

testWith(
  ["chromium", "ffmpeg"],
  "a browser without H.264 is told that the session's video is that",
  async () => {
    await using server = await startServer();
    await using client = startClient(server, [
      ...["--source", "lidar", "--points", "2000", "--duration", "0"],
      ...["--video-codec", "h264"],
    ]);
    await using browser = await startBrowser();
    await using viewer = await browser.open("about:blank");
    const { page } = viewer;
    await page.addInitScript(lackH264);
    await page.goto(server.url);
    await viewer.text("#video-note", /H\.264, which this browser can’t decode/);
    assert(await page.locator("#video-note").isVisible());
    // The points come all the same.
    await viewer.nextFrames(2);
    assertMatch(await viewer.text("#points", /^2,000$/), /2,000/);
    assert(await page.locator("#video-panel").isHidden());
    // A session that it can show is not complained of.
    await client.stop("SIGINT");
    await using _next = startClient(server, [
      ...["--source", "lidar", "--points", "2000", "--duration", "0"],
      ...["--video-codec", "vp8"],
    ]);
    await page.locator("#video-panel").waitFor();
    assert(await page.locator("#video-note").isHidden());
    assertEquals(viewer.errors, []);
  },
);

/** Makes a page as it is in a browser without H.264. */
function lackH264(): void {
  const capabilitiesOf = RTCRtpReceiver.getCapabilities;
  RTCRtpReceiver.getCapabilities = (kind) => {
    const capabilities = capabilitiesOf.call(RTCRtpReceiver, kind);
    return capabilities && {
      ...capabilities,
      codecs: capabilities.codecs.filter(({ mimeType }) =>
        mimeType !== "video/H264"
      ),
    };
  };
  const { addTransceiver } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addTransceiver = function (kind, init) {
    const transceiver = addTransceiver.call(this, kind, init);
    const { codecs = [] } = RTCRtpReceiver.getCapabilities(`${kind}`) ?? {};
    transceiver.setCodecPreferences(codecs);
    return transceiver;
  };
}

testWith(
  ["chromium"],
  "a video of which nothing can be decoded is told",
  async () => {
    await using server = await startServer();
    await using browser = await startBrowser([
      "--use-fake-device-for-media-stream",
    ]);
    await using publisher = await browser.open(`${server.url}/healthz`);
    await publisher.page.evaluate(publishBroken);
    await until(async () => {
      const [session] = await getJson<SessionSnapshot[]>(
        `${server.url}/sessions`,
      );
      return session?.video.frames > 0;
    }, { what: "video" });
    await using viewer = await browser.open(server.url);
    const { page } = viewer;
    await viewer.text("#video-note", /\(VP8\) comes, but this browser decodes/);
    assert(await page.locator("#video-note").isVisible());
    assertEquals(viewer.errors, []);
  },
);

/** Publishes video whose keyframes look right and are broken inside. */
async function publishBroken(): Promise<void> {
  const connection = new RTCPeerConnection(
    { encodedInsertableStreams: true } as RTCConfiguration,
  );
  Object.assign(globalThis, { connection });
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  const [track] = stream.getTracks();
  const { sender } = connection.addTransceiver(track, {
    direction: "sendonly",
    sendEncodings: [{ maxFramerate: 60 }],
  });
  interface Encoded {
    data: ArrayBuffer;
  }
  const { readable, writable } = (sender as unknown as {
    createEncodedStreams(): TransformStream<Encoded, Encoded>;
  }).createEncodedStreams();
  // Of a VP8 frame (RFC 6386 section 9.1) the head stays.
  const transform = new TransformStream<Encoded, Encoded>({
    transform(frame, controller) {
      new Uint8Array(frame.data).fill(0xff, 10);
      controller.enqueue(frame);
    },
  });
  void readable.pipeThrough(transform).pipeTo(writable);
  await connection.setLocalDescription();
  await new Promise<void>((resolve) => {
    const look = () => {
      if (connection.iceGatheringState === "complete") resolve();
    };
    connection.addEventListener("icegatheringstatechange", look);
    look();
  });
  const response = await fetch("/whip", {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: connection.localDescription!.sdp,
  });
  const sdp = await response.text();
  await connection.setRemoteDescription({ type: "answer", sdp });
}
