/**
 * Reads a file of points, keeps what is near, and writes it in another format;
 * extensions name the formats: .pcd .ply .las .npy .bin .xyz …
 *
 *     deno run -A docs/examples/convert.ts scan.pcd near.ply 20
 */
import {
  createCloud,
  decodeFile,
  encodeFile,
  toFloat32,
} from "@pointwire/pointwire/points";

const [input, output, metres = "Infinity"] = Deno.args;
if (output === undefined) {
  console.error("Usage: convert.ts INPUT OUTPUT [METRES]");
  Deno.exit(2);
}

const cloud = await decodeFile(input, await Deno.readFile(input));
const { points, fields, stride, data } = cloud;
const positions = toFloat32(cloud, ["x", "y", "z"]);
// A point is moved as its bytes: its values keep their types.
const near = new Uint8Array(data.length);
let size = 0;
for (let i = 0; i < points; i++) {
  const [x, y, z] = positions.subarray(i * 3, i * 3 + 3);
  if (Math.hypot(x, y, z) > Number(metres)) continue;
  near.set(data.subarray(i * stride, (i + 1) * stride), size);
  size += stride;
}
const kept = createCloud({ fields, stride, data: near.subarray(0, size) });
await Deno.writeFile(output, encodeFile(output, kept));
const names = fields.map(({ name, type }) => `${name} (${type})`).join(", ");
console.log(`${kept.points} of ${points} points with ${names} in ${output}`);
