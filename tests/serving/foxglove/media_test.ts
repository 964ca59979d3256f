/** Pictures and sound at the Foxglove door, as their readers have them. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { joinBytes } from "../../../lib/points/join_bytes.ts";
import { picturesOfH264 } from "../../media/coded_video.ts";
import { startPublisher, startServer } from "../../playing/scene.ts";
import { ROOT, testWith, until } from "../../support.ts";
import { Tool, type ToolMessage } from "./tool.ts";

const VIDEO = "/robot-7/video";
const AUDIO = "/robot-7/audio";

/** Types of the NAL units of an Annex B access unit. */
function unitTypes(bytes: Uint8Array): number[] {
  const types: number[] = [];
  for (let at = 0; (at = bytes.indexOf(1, at)) >= 0; at++) {
    if (at >= 3 && bytes.subarray(at - 3, at).every((byte) => byte === 0)) {
      types.push(bytes[at + 1] & 0x1f);
    }
  }
  return types;
}

const ms = ({ sec, nanosec }: { sec: number; nanosec: number }) =>
  sec * 1000 + nanosec / 1e6;

testWith(
  ["ffmpeg"],
  "A tool has a session's H.264 and Opus, in order and on one clock",
  async () => {
    const { openFileMedia } = await import(
      "../../../lib/media/file_media.ts"
    );
    await using media = await openFileMedia(`${ROOT}tests/data/test.mp4`, {
      videoCodec: "h264",
    });
    await using server = await startServer();
    await using _ = await startPublisher(server, { name: "robot-7", media });
    using tool = new Tool(server);
    await tool.subscribe(VIDEO);
    await tool.subscribe(AUDIO);
    await tool.next(VIDEO, 30);
    await tool.next(AUDIO, 50);
    const pictures = tool.of(VIDEO);
    assertEquals(unitTypes(pictures[0].value.data).slice(0, 2), [7, 8]);
    for (const { value } of pictures) {
      assertEquals(value.format, "h264");
      assertEquals(value.frame_id, "robot-7/video");
      const types = unitTypes(value.data);
      // Decoding may begin at each IDR picture.
      assertEquals(types.includes(5), types.includes(7));
    }
    const stream = joinBytes(pictures.map(({ value }) => value.data));
    assertEquals(await picturesOfH264(stream), pictures.length);
    const sound = tool.of(AUDIO);
    assertEquals(sound[0].value.format, "opus");
    for (const [name, list] of [["video", pictures], ["audio", sound]]) {
      const stamps = (list as ToolMessage[])
        .map(({ value }) => ms(value.timestamp));
      const isOrdered = stamps.every((at, i) => i === 0 || at > stamps[i - 1]);
      assert(isOrdered, `${name}: ${stamps}`);
    }
    // A packet of sound has 20 ms.
    const span = ms(sound[49].value.timestamp) - ms(sound[0].value.timestamp);
    assert(Math.abs(span - 49 * 20) < 100, `${span} ms for 49 packets`);

    // Who comes late begins with a keyframe, soon.
    using late = new Tool(server);
    await late.subscribe(VIDEO);
    const { value } = await late.next(VIDEO);
    assert(unitTypes(value.data).includes(5));
  },
);

testWith(
  ["ffmpeg"],
  "VP8 is shown to no tool: none has a way for it",
  async () => {
    const { openFileMedia } = await import("../../../lib/media/file_media.ts");
    await using media = await openFileMedia(`${ROOT}tests/data/test.mp4`);
    await using server = await startServer();
    await using _ = await startPublisher(server, { name: "robot-7", media });
    using tool = new Tool(server);
    await until(() => tool.channels.has(AUDIO), { what: "its sound" });
    const [{ video }] = await server.host.sessions();
    await until(
      async () => (await server.host.sessions())[0].video.codec === "VP8",
      { what: () => `its video, ${video.codec}` },
    );
    await tool.subscribe("/robot-7/stats");
    await until(
      () => (tool.of("/robot-7/stats").at(-1)?.value.video.frames ?? 0) > 0,
      { what: "its frames" },
    );
    assertEquals(tool.topics, [AUDIO, "/robot-7/stats", "/tf"]);
    assertGreater(tool.advertisements, 1);
  },
);
