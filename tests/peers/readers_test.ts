/**
 * Files as tools make them, read by us and by readers that are not ours: NumPy,
 * plyfile, Open3D and laspy say the same of each value.
 */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { createHash } from "node:crypto";
import {
  type Column,
  column,
  type PointCloud,
} from "../../lib/points/cloud.ts";
import { decodeFile, isPointFile } from "../../lib/points/formats.ts";
import { findColor } from "../../lib/points/meaning.ts";
import { ROOT, testWith } from "../support.ts";

/** What another reader says of a file. */
interface Opinion {
  file: string;
  fields?: Record<string, { type: string; points: number; md5: string }>;
}

/** A Python that has what the readers need, where one was made. */
const PYTHON = Deno.env.get("POINTS_PYTHON");

const FOLDERS = [
  "../shared/cases/files",
  "../shared/cases/files/fieldmix",
  "tests/data/clouds",
];

/** Files of which another reader says something else, and why it isn't right. */
const DISAGREE: Record<string, string> = {
  "3xN.npy": "an array of (3, N) may be points either way: it is refused",
  "Nx2.npy": "no z",
  "sub.npy": "its sub-array's columns have names of their own",
  "comma_decimal.pcd": "numbers with a comma are refused",
  "comma_sep.pcd": "numbers with a comma are refused",
  "count_mismatch.pcd": "POINTS contradicts WIDTH",
  "short.pcd": "fewer points than promised",
  "odd.bin": "its bytes are no whole points",
  "comment_in_body.pcd": "a line among the points that is none",
  "extra_cols.pcd": "more numbers on a line than fields",
  "intascii.pcd": "70000 is no uint16; Open3D wraps it",
  "hex_u.pcd": "Open3D reads 1.67117e+07 as 1",
  "msvc_nan.pcd": "Open3D reads 1.#QNAN as 1",
  "rgb_count3.pcd": "three bytes of colour, of which Open3D reads none",
  "rgb_f8.pcd": "a double's colour is black to Open3D",
  "typed_ascii.pcd": "Open3D reads one of the three values of normal",
  "typed_binary.pcd": "the same, and padding as a field",
  "typed_binary_compressed.pcd": "the same",
};

async function readWithOthers(files: string[]): Promise<Opinion[]> {
  const { success, stdout } = await new Deno.Command(PYTHON!, {
    args: [`${ROOT}tests/peers/readers.py`, ...files],
    stderr: "null",
  }).output();
  assert(success, "the readers in Python");
  return new TextDecoder().decode(stdout).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
}

/** As readers.py does: NaN is one, 64-bit integers are as they are. */
function digest(values: Column): string {
  const hash = createHash("md5");
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    return hash.update(new Uint8Array(values.buffer)).digest("hex");
  }
  const doubles = Float64Array.from(
    values as Float32Array,
    (value) => value === value ? value : NaN,
  );
  return hash.update(new Uint8Array(doubles.buffer)).digest("hex");
}

/** A cloud's colour as 0xRRGGBB, where it has one. */
function colorsOf(cloud: PointCloud): Uint32Array<ArrayBuffer> | undefined {
  const color = findColor(cloud.fields);
  switch (color?.kind) {
    case "packed": {
      const { buffer } = column(cloud, color.field.name);
      return new Uint32Array(buffer).map((bits) => bits & 0xffffff);
    }
    case "channels": {
      const [red, green, blue] = [color.red, color.green, color.blue]
        .map(({ name }) => column(cloud, name) as Uint8Array);
      return Uint32Array.from(
        red,
        (value, i) => value << 16 | green[i] << 8 | blue[i],
      );
    }
  }
}

async function pointFiles(): Promise<string[]> {
  const files: string[] = [];
  for (const folder of FOLDERS) {
    for await (const { name, isFile } of Deno.readDir(ROOT + folder)) {
      if (isFile && isPointFile(name) && !name.endsWith(".cloudini")) {
        files.push(`${ROOT}${folder}/${name}`);
      }
    }
  }
  return files.toSorted();
}

/** Compares what we read with what another reader says. @returns complaints. */
async function compare({ file, fields = {} }: Opinion): Promise<string[]> {
  const name = file.slice(file.lastIndexOf("/") + 1);
  let cloud: PointCloud;
  try {
    cloud = await decodeFile(file, await Deno.readFile(file));
  } catch (error) {
    return [`${name} is refused: ${(error as Error).message}`];
  }
  return Object.entries(fields).flatMap(([field, { type, points, md5 }]) => {
    const isColor = field === "rgb" && findColor(cloud.fields) !== undefined;
    const ours = isColor ? colorsOf(cloud) : findColumn(cloud, field);
    if (ours === undefined) return [`${name} has no ${field}`];
    if (ours.length !== points) return [`${name}: ${ours.length} points`];
    if (formsOf(ours, type).some((values) => digest(values) === md5)) return [];
    return [`${name}: ${field} (${type}) differs`];
  });
}

/** LAS's colour of 16 bits is of 8 to us, where it holds no more. */
function formsOf(values: Column, type: string): Column[] {
  if (type !== "uint16" || !(values instanceof Uint8Array)) return [values];
  return [1, 256, 257].map((factor) =>
    Uint16Array.from(values, (value) => factor * value)
  );
}

function findColumn(cloud: PointCloud, name: string): Column | undefined {
  const field = cloud.fields.find((field) =>
    field.name === name || field.name === name.toLowerCase()
  );
  return field && column(cloud, field.name);
}

testWith(
  ["shared data", "point readers"],
  "Files as tools make them are read as NumPy, plyfile, Open3D and laspy do",
  async () => {
    const opinions = (await readWithOthers(await pointFiles()))
      .filter(({ fields }) => Object.keys(fields ?? {}).length > 0);
    assertGreater(opinions.length, 70);
    const complaints: string[] = [];
    for (const opinion of opinions) {
      const name = opinion.file.slice(opinion.file.lastIndexOf("/") + 1);
      const found = await compare(opinion);
      if (name in DISAGREE) {
        assertGreater(found.length, 0, `${name} agrees by now`);
      } else complaints.push(...found);
    }
    assertEquals(complaints, []);
  },
);
