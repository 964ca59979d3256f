/** Chromium's own offers, without the page: what it makes of the answers. */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { getJson, startServer } from "../../tools/processes.ts";
import { testWith, until } from "../support.ts";
import { startBrowser, type ViewerPage } from "./browser.ts";

const CAMERA = ["--use-fake-device-for-media-stream"];

/** What a page of ours offers, and gets. */
interface Offer {
  role: "publish" | "watch";
  path: string;
  bundlePolicy?: RTCBundlePolicy;
  /** Names of the encodings of its video. @default {one, without a name} */
  rids?: string[];
  /** The codec of its video alone, such as `video/AV1`. @default {all} */
  codec?: string;
}

/** Offers a connection, and waits until it stands. */
async function connect(offer: Offer): Promise<void> {
  const { role, path, bundlePolicy, rids = [], codec } = offer;
  const connection = new RTCPeerConnection({ bundlePolicy });
  const ends: Made["ends"] = [];
  // Within the page.
  Object.assign(globalThis, { connection, ends });
  const direction = role === "publish" ? "sendonly" : "recvonly";
  const tracks = role === "publish"
    ? (await navigator.mediaDevices.getUserMedia({ audio: true, video: true }))
      .getTracks()
    : [];
  for (const kind of ["video", "audio"]) {
    const track = tracks.find((track) => track.kind === kind);
    const isVideo = kind === "video";
    const transceiver = connection.addTransceiver(track ?? kind, {
      direction,
      sendEncodings: isVideo && rids.length > 0
        ? rids.map((rid, i) => ({ rid, scaleResolutionDownBy: 2 ** i }))
        : undefined,
    });
    if (!isVideo || codec === undefined) continue;
    const { codecs } = RTCRtpReceiver.getCapabilities("video")!;
    transceiver.setCodecPreferences(
      codecs.filter(({ mimeType }) => mimeType === codec),
    );
  }
  await connection.setLocalDescription();
  await new Promise<void>((resolve) => {
    const look = () => {
      if (connection.iceGatheringState === "complete") resolve();
    };
    connection.addEventListener("icegatheringstatechange", look);
    look();
  });
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: connection.localDescription!.sdp,
  });
  const sdp = await response.text();
  if (response.status !== 201) throw new Error(sdp);
  await connection.setRemoteDescription({ type: "answer", sdp });
  const [{ receiver }] = connection.getTransceivers();
  receiver.transport!.addEventListener("statechange", () => {
    const at = performance.timeOrigin + performance.now();
    ends.push({ state: receiver.transport!.state, at });
  });
  await new Promise<void>((resolve) => {
    const look = () => {
      if (connection.connectionState === "connected") resolve();
    };
    connection.addEventListener("connectionstatechange", look);
    look();
  });
}

/** What is left in the page of a connection. */
interface Made {
  connection: RTCPeerConnection;
  /** States of its DTLS, and when they came, milliseconds since 1970. */
  ends: { state: string; at: number }[];
}

function offerFrom({ page }: ViewerPage, offer: Offer): Promise<void> {
  return page.evaluate(connect, offer);
}

async function sessionOf(server: { url: string }): Promise<SessionSnapshot> {
  const [session] = await getJson<SessionSnapshot[]>(`${server.url}/sessions`);
  return session;
}

testWith(
  ["chromium"],
  "Chromium that offers simulcast sends one stream of it",
  async () => {
    await using server = await startServer();
    await using browser = await startBrowser(CAMERA);
    await using viewer = await browser.open(`${server.url}/healthz`);
    const rids = ["h", "l"];
    await offerFrom(viewer, { role: "publish", path: "/whip", rids });
    const session = await until(async () => {
      const session = await sessionOf(server);
      return session.audio.frames > 20 && session;
    }, { what: "sound" });
    assertEquals(session.unusedSections, []);
    const encodings = await viewer.page.evaluate(() => {
      const { connection } = globalThis as unknown as Made;
      return connection.getSenders()[0].getParameters().encodings.length;
    });
    assertEquals(encodings, 1);
  },
);

for (const codec of ["VP9", "AV1"]) {
  testWith(
    ["chromium"],
    `Chromium publishes ${codec}, and the page shows it`,
    async () => {
      await using server = await startServer();
      await using browser = await startBrowser(CAMERA);
      await using publisher = await browser.open(`${server.url}/healthz`);
      const offer = { role: "publish", path: "/whip" } as const;
      await offerFrom(publisher, { ...offer, codec: `video/${codec}` });
      const { video, tracks } = await until(async () => {
        const session = await sessionOf(server);
        return session.video.frames > 20 && session;
      }, { what: "pictures", within: 30_000 });
      assertEquals(video.codec, codec);
      assertGreater(video.keyframes, 0);
      assertGreater(video.width ?? 0, 0);
      assertEquals(tracks.map(({ invalid }) => invalid), [0, 0]);
      await using watcher = await browser.open(server.url);
      await until(
        () =>
          watcher.page.locator("#videos video").evaluate((video) =>
            (video as HTMLVideoElement).getVideoPlaybackQuality()
              .totalVideoFrames > 10
          ),
        { what: "pictures on the page", within: 30_000 },
      );
      const { forwarded } = await sessionOf(server);
      assertEquals(forwarded.tracksUntaken, 0);
    },
  );
}

testWith(
  ["chromium"],
  "a watcher without a data channel learns of the end within a second",
  async () => {
    await using server = await startServer();
    await using browser = await startBrowser(CAMERA);
    await using publisher = await browser.open(`${server.url}/healthz`);
    await offerFrom(publisher, { role: "publish", path: "/whip" });
    const { id } = await until(async () => {
      const session = await sessionOf(server);
      return session.video.frames > 0 && session;
    }, { what: "video" });
    await using watcher = await browser.open(`${server.url}/healthz`);
    await offerFrom(watcher, { role: "watch", path: `/whep/${id}` });
    // It connects in the browser a little earlier than on the server.
    await until(async () => (await sessionOf(server)).watchers === 1, {
      what: "the watcher",
    });
    const before = Date.now();
    const { status } = await fetch(`${server.url}/sessions/${id}`, {
      method: "DELETE",
    });
    assertEquals(status, 204);
    // Silence would tell it too, much later.
    for (const { page } of [watcher, publisher]) {
      const at = await until(() =>
        page.evaluate(() => {
          const { ends } = globalThis as unknown as Made;
          return ends.find(({ state }) => state === "closed")?.at;
        }), { what: "the end" });
      assertLess(at - before, 1_000);
    }
  },
);
