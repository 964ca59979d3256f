import { assertEquals, assertMatch } from "@std/assert";
import { ALL_FORMATS, BufferSource, Input } from "mediabunny";
import { videoCodecString } from "../../lib/media/codec_string.ts";
import { temporaryFolder, testWith } from "../support.ts";
import { encodeVideo, extensionOf, framesOf } from "./coded_video.ts";

/** What mediabunny makes of a file's own description of it. */
async function named(path: string): Promise<string | null | undefined> {
  const copy = `${path}.mp4`;
  const { success } = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-i", path, "-c", "copy", "-y", copy],
  }).output();
  assertEquals(success, true);
  const source = new BufferSource(await Deno.readFile(copy));
  using input = new Input({ source, formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  return await track?.getCodecParameterString();
}

for (
  const [codec, pixels, said] of [
    ["H265", "yuv420p", /^hev1\.1\.6\.L\d+\.90$/],
    ["H265", "yuv420p10le", /^hev1\.2\.4\.L\d+\.90$/],
    ["VP9", "yuv420p", /^vp09\.00\./],
    ["VP9", "yuv444p", /^vp09\.01\./],
    ["AV1", "yuv420p", /^av01\.0\./],
  ] as const
) {
  testWith(
    ["ffmpeg"],
    `the name of ${codec} in ${pixels} says its profile`,
    async () => {
      await using folder = await temporaryFolder();
      const path = `${folder.path}/a.${extensionOf(codec)}`;
      await encodeVideo(path, { codec, frames: 1, pixels });
      const [keyframe] = await framesOf(path);
      const name = videoCodecString(codec, keyframe);
      assertMatch(name, said);
      const other = await named(path);
      assertMatch(other!.replace(/^hvc1/, "hev1"), said);
      if (codec === "H265") assertEquals(name, other!.replace("hvc1", "hev1"));
    },
  );
}
