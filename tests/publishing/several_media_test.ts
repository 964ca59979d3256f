/** Several cameras of one session, each called by its name. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { CombinedMedia } from "../../lib/media/combined_media.ts";
import { openMedia } from "../../lib/media/open_media.ts";
import { PushedMedia } from "../../lib/media/pushed_media.ts";
import { publish } from "../../lib/publishing/publish.ts";
import { PointServer } from "../../lib/serving/mod.ts";
import { lidarSource } from "../../lib/sources/synthetic/lidar.ts";
import { createPeer } from "../../lib/transport/peer.ts";
import { testWith, until } from "../support.ts";

const log = createLogger({ level: "error" });

testWith(
  ["ffmpeg"],
  "several videos and sounds have their names at the server and its watchers",
  async () => {
    await using server = PointServer.listen({
      ...{ hostname: "127.0.0.1", port: 0, log },
    });
    const open = async (name: string, width: number) => {
      const size = { width, height: 120 };
      return { name, media: await openMedia("test", { log, size }) };
    };
    const media = new CombinedMedia([
      await open("front", 160),
      await open("rear", 200),
    ]);
    const stop = new AbortController();
    const published = publish({
      ...{ signaling: server.url, log, media, signal: stop.signal },
      source: lidarSource(100),
      name: "robot",
    });
    try {
      const tracksOf = async () => {
        const url = `${server.url}/sessions/robot`;
        const response = await fetch(url);
        const { tracks = [] } = await response.json();
        return tracks as { kind: string; name: string; width: number }[];
      };
      const tracks = await until(async () => {
        const tracks = await tracksOf();
        const videos = tracks.filter(({ kind }) => kind === "video");
        return videos.length === 2 && videos.every(({ width }) => width) &&
          tracks;
      }, { what: "both videos", within: 60_000 });
      assertEquals(
        tracks.map(({ kind, name, width }) => [kind, name, width]),
        [
          ["video", "front", 160],
          ["audio", "front", null],
          ["video", "rear", 200],
          ["audio", "rear", null],
        ],
      );

      const peer = createPeer({ loopback: true });
      for (const kind of ["video", "audio", "video", "audio"] as const) {
        peer.addTransceiver(kind, { direction: "recvonly" });
      }
      await peer.setLocalDescription(await peer.createOffer());
      const answer = await fetch(`${server.url}/whep/robot`, {
        method: "POST",
        headers: { "content-type": "application/sdp" },
        body: peer.localDescription!.sdp,
      });
      const sdp = await answer.text();
      await peer.close();
      assertEquals(answer.status, 201, sdp);
      const streams = [...sdp.matchAll(/^a=msid:(\S+)/gm)].map(([, id]) => id);
      assertEquals(streams, ["front", "front", "rear", "rear"]);
    } finally {
      stop.abort();
      await published;
    }
  },
  { sanitizeOps: false, sanitizeResources: false },
);

Deno.test("CombinedMedia shares bits out, and takes one codec of video", () => {
  const asked: number[] = [];
  const camera = (most: number) => {
    const media = PushedMedia.open({ videoBitrates: { least: 1000, most } });
    media.setVideoBitrate = (bits) => void asked.push(bits);
    return { name: `c${most}`, media };
  };
  const both = new CombinedMedia([camera(3_000_000), camera(1_000_000)]);
  assertEquals(both.videoBitrates, { least: 2000, most: 4_000_000 });
  both.setVideoBitrate(400_000);
  assertEquals(asked, [300_000, 100_000]);
  assert(both.tracks.every(({ name }) => name?.startsWith("c")));
  const other = PushedMedia.open({ videoCodec: "h264" });
  assertThrows(
    () => new CombinedMedia([camera(1_000_000), { media: other }]),
    TypeError,
    "one codec",
  );
});
