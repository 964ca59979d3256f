/** Several cameras of one session, each called by its name. */
import { assert, assertEquals } from "@std/assert";
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
  "several videos of several codecs have their names at the server and its watchers",
  async () => {
    await using server = PointServer.listen({
      ...{ hostname: "127.0.0.1", port: 0, log },
    });
    const open = async (
      name: string,
      width: number,
      videoCodec: "vp8" | "h264",
    ) => {
      const size = { width, height: 120 };
      const options = { log, size, videoCodec };
      return { name, media: await openMedia("test", options) };
    };
    const media = new CombinedMedia([
      await open("front", 160, "vp8"),
      await open("rear", 200, "h264"),
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
        return tracks as {
          kind: string;
          codec: string;
          name: string;
          width: number;
        }[];
      };
      const tracks = await until(async () => {
        const tracks = await tracksOf();
        const videos = tracks.filter(({ kind }) => kind === "video");
        return videos.length === 2 && videos.every(({ width }) => width) &&
          tracks;
      }, { what: "both videos", within: 60_000 });
      assertEquals(
        tracks.map(({ codec, name, width }) => [codec, name, width]),
        [
          ["VP8", "front", 160],
          ["opus", "front", null],
          ["H264", "rear", 200],
          ["opus", "rear", null],
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

Deno.test("CombinedMedia shares bits out", () => {
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
});
