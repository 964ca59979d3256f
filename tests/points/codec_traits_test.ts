import { assertEquals } from "@std/assert";
import { float32Fields, namesOf, pointCloud } from "../../lib/points/cloud.ts";
import { CODEC_TRAITS, FRAME_CODECS } from "../../lib/points/codec.ts";
import { createDecoder, createEncoder } from "../../lib/points/codecs.ts";

const FIELDS = ["x", "y", "z", "ring"];
const CLOUD = pointCloud(Float32Array.of(1, 2, 3, 4), FIELDS);

for (const codec of FRAME_CODECS) {
  const { namesFields, hasSteps } = CODEC_TRAITS[codec];

  Deno.test(`${codec} ${namesFields ? "names" : "doesn't name"} its fields`, () => {
    const { bytes } = createEncoder(codec).encode(CLOUD);
    const asTold = ["x", "y", "z", "told"];
    const layout = { ...float32Fields(asTold), height: 1 };
    const { fields } = createDecoder(codec, { layout }).inspect(bytes);
    assertEquals(namesOf(fields), namesFields ? FIELDS : asTold);
  });

  Deno.test(`${codec} has ${hasSteps ? "" : "no "}steps to make coarser`, () => {
    assertEquals(createEncoder(codec).coarser !== undefined, hasSteps);
  });
}
