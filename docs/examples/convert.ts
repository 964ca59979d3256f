/**
 * Reads a file of points, keeps what is near, and writes it in another format;
 * extensions name the formats: .pcd .ply .npy .bin .f32 .cloudini
 *
 *     deno run -A docs/examples/convert.ts scan.pcd near.ply 20
 */
import {
  decodeFile,
  encodeFile,
  pointCloud,
} from "@pointwire/pointwire/points";

const [input, output, metres = "Infinity"] = Deno.args;
if (output === undefined) {
  console.error("Usage: convert.ts INPUT OUTPUT [METRES]");
  Deno.exit(2);
}

const { points, fields, values } = decodeFile(
  input,
  await Deno.readFile(input),
);
const near: number[] = [];
for (let i = 0; i < values.length; i += fields.length) {
  const point = values.subarray(i, i + fields.length);
  const [x, y, z] = point;
  if (Math.hypot(x, y, z) <= Number(metres)) near.push(...point);
}
const kept = pointCloud(Float32Array.from(near), fields);
await Deno.writeFile(output, encodeFile(output, kept));
console.log(
  `${kept.points} of ${points} points with ${fields.join(" ")} in ${output}`,
);
