/**
 * `deno task convert IN OUT`: a file of points in another format, checked by
 * reading back what was written.
 */
import { EXIT, readCommandLine } from "../lib/cli/exit.ts";
import { type PointCloud, selectFields } from "../lib/points/cloud.ts";
import { PointsError } from "../lib/points/errors.ts";
import { encodeFile, FILE_EXTENSIONS } from "../lib/points/formats.ts";
import { SourceError } from "../lib/sources/errors.ts";
import { reasonOf } from "../lib/sources/file_list.ts";
import { readCloud } from "../lib/sources/files.ts";

const extensions = FILE_EXTENSIONS.join(" ");
const options = readCommandLine("Usage: deno task convert IN OUT [OPTIONS]", {
  in: { type: "operand", help: `File to read: ${extensions}` },
  out: { type: "operand", help: "File to write, of any of them" },
  resolution: {
    type: "number",
    min: 1e-9,
    max: 1e9,
    default: 0.001,
    help: "Step that .cloudini rounds to, metres",
  },
  fields: {
    type: "text",
    help: "Fields to write, such as x,y,z,intensity; all that are there",
  },
});

try {
  const cloud = await readCloud(options.in);
  const fields = options.fields?.split(",").map((name) => name.trim());
  const wanted = fields ? selectFields(cloud, fields) : cloud;
  const { resolution } = options;
  const bytes = encodeFile(options.out, wanted, { resolution });
  await Deno.writeFile(options.out, bytes);
  const written = await readCloud(options.out);
  const error = maxError(wanted, written);
  console.log(
    `${options.out}: ${written.points} points, ` +
      `${written.fields.join(" ")}, ${bytes.length} bytes ` +
      `(${(bytes.length / Math.max(1, written.points)).toFixed(2)} a point), ` +
      `maximum error ${error}`,
  );
} catch (error) {
  const known = error instanceof SourceError || error instanceof PointsError;
  console.error(known ? (error as Error).message : reasonOf(error));
  Deno.exit(EXIT.failed);
}

/**
 * The largest difference of a value that both clouds have.
 *
 * @throws {PointsError} when a point or an x, y, z was lost.
 */
function maxError(before: PointCloud, after: PointCloud): number {
  if (after.points !== before.points) {
    throw new PointsError(
      "length",
      `${before.points} points were written and ${after.points} read back`,
    );
  }
  let max = 0;
  for (const [to, name] of after.fields.entries()) {
    const from = before.fields.indexOf(name);
    if (from < 0) continue;
    for (let i = 0; i < before.points; i++) {
      const a = before.values[i * before.fields.length + from];
      const b = after.values[i * after.fields.length + to];
      if (Object.is(a, b) || a === b) continue;
      const error = Math.abs(a - b);
      max = Math.max(max, Number.isNaN(error) ? Infinity : error);
    }
  }
  return max;
}
