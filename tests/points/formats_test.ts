import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  column,
  createCloud,
  findField,
  namesOf,
  type PointCloud,
} from "../../lib/points/cloud.ts";
import { PointsError } from "../../lib/points/errors.ts";
import { packFields, parseFieldList } from "../../lib/points/field.ts";
import {
  decodeFile,
  encodeFile,
  FILE_EXTENSIONS,
  isPointFile,
  lossesOf,
  WRITABLE_EXTENSIONS,
} from "../../lib/points/formats.ts";
import { spellForLas } from "../../lib/points/las/layout.ts";
import { anyCloud, fieldList, rowsOf, typedCloud } from "./file_clouds.ts";

const STEP = 0.001;

/** Any cloud, with a viewpoint or not, whose positions are of some metres. */
const anyScan = fc.tuple(anyCloud(), fc.boolean()).map(([cloud, hasPose]) => {
  const data = cloud.data.slice();
  const view = new DataView(data.buffer);
  for (const name of ["x", "y", "z"]) {
    const { type, offset } = findField(cloud, name)!;
    for (let i = 0; i < cloud.points; i++) {
      const at = i * cloud.stride + offset;
      const value = Math.sin(at * 7.3) * 90;
      if (type === "float32") view.setFloat32(at, value, true);
      if (type === "float64") view.setFloat64(at, value, true);
    }
  }
  const { fields, stride, height } = cloud;
  return createCloud({
    ...{ data, fields, stride, height },
    viewpoint: hasPose
      ? { translation: [1, 2, 3], rotation: [0, 0, 0, 1] }
      : undefined,
  });
});

/** Tells whether a loss names a field. */
function isNamed(losses: readonly string[], name: string): boolean {
  return losses.some((loss) => loss.split(/[\s:,]+/).includes(name));
}

/** The bytes of a field's values. */
function bytesOf(cloud: PointCloud, name: string): Uint8Array {
  return new Uint8Array(column(cloud, name).buffer);
}

/** Checks that positions are as near as steps let them be. */
function assertNear(read: PointCloud, cloud: PointCloud, name: string): void {
  const [got, due] = [column(read, name), column(cloud, name)];
  due.forEach((value, i) => {
    const error = Math.abs(Number(got[i]) - Number(value));
    assert(error <= STEP / 2 * 1.05, `${name}: ${value}, not ${got[i]}`);
  });
}

for (const extension of WRITABLE_EXTENSIONS) {
  Deno.test(`${extension} keeps all of a cloud that lossesOf() doesn't name`, async () => {
    const file = `cloud${extension}`;
    // The text of a Cloudini header is plain ASCII.
    const isHeld = ({ fields }: PointCloud) =>
      extension !== ".cloudini" || !namesOf(fields).includes("Ω");
    await fc.assert(
      fc.asyncProperty(anyScan.filter(isHeld), async (cloud) => {
        const losses = lossesOf(file, cloud, { resolution: STEP });
        const bytes = encodeFile(file, cloud, { resolution: STEP }).slice();
        const read = await decodeFile(file, bytes);
        assertEquals(read.points, cloud.points);
        if (!losses.some((loss) => loss.includes("rows"))) {
          assertEquals([read.width, read.height], [cloud.width, cloud.height]);
        }
        if (!isNamed(losses, "viewpoint")) {
          assertEquals(read.viewpoint, cloud.viewpoint);
        }
        // LAS has names of its own, and positions that are no floats.
        const isLas = extension === ".las";
        const due = isLas ? spellForLas(cloud) : cloud;
        for (const { name, type } of due.fields) {
          if (isNamed(losses, name)) continue;
          const isRounded = /^[xyz]$/.test(name) &&
            (isLas || extension === ".cloudini" && /^float/.test(type));
          if (isRounded) assertNear(read, due, name);
          else assertEquals(bytesOf(read, name), bytesOf(due, name), name);
          const asType = isLas && isRounded ? "float64" : type;
          assertEquals(findField(read, name)?.type, asType, name);
        }
      }),
      { numRuns: 200 },
    );
  });
}

Deno.test("lossesOf() names what a KITTI file can't hold", () => {
  const cloud = typedCloud(
    "x:f8,y,z,reflectivity:u1,ring:u2",
    [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]],
    {
      height: 2,
      viewpoint: { translation: [0, 0, 1], rotation: [0, 0, 0, 1] },
    },
  );
  assertEquals(lossesOf("a.bin", cloud), [
    ".bin can't hold ring",
    ".bin rounds x from float64 to float32",
    ".bin holds reflectivity as float32, not as uint8",
    ".bin can't hold the 2 rows of 1 points",
    ".bin can't hold the viewpoint",
  ]);
  assertEquals(lossesOf("a.bin", typedCloud("x,y,z", [[1, 2, 3]])), []);
});

Deno.test("isPointFile() knows an extension whatever its case", () => {
  for (const extension of FILE_EXTENSIONS) {
    assert(isPointFile(`folder.d/a.b${extension}`), extension);
    assert(isPointFile(`A${extension.toUpperCase()}`), extension);
  }
  for (const name of ["a", "npy", "a.mp4", "a.npy/b", "a.constructor", ""]) {
    assert(!isPointFile(name), name);
  }
});

Deno.test("a file's last extension counts, but .pcd.bin is one of two parts", async () => {
  const bytes = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5).buffer);
  const read = await decodeFile("scan.PCD.bin", bytes);
  assertEquals(fieldList(read), "x,y,z,intensity,ring");
  await assertRejects(() => decodeFile("pcd.bin", bytes), PointsError);
});

Deno.test("decodeFile() takes the layout of files that have no header", async () => {
  const fields = parseFieldList("z:f8,y,x,ring:u2");
  const cloud = createCloud({
    ...packFields(fields),
    data: Uint8Array.from({ length: 36 }, (_, i) => i),
  });
  for (const name of ["a.bin", "a.f32", "a.pcd.bin"]) {
    assertEquals(await decodeFile(name, cloud.data, { fields }), cloud);
    const cut = cloud.data.subarray(1);
    const error = await assertRejects(
      () => decodeFile(name, cut, { fields }),
      PointsError,
      "float64 z, float32 y x, uint16 ring",
    );
    assertEquals(error.reason, "length");
    assert(error.message.includes("--fields"), error.message);
  }
});

Deno.test("decodeFile() names the columns of arrays, or picks among them", async () => {
  const array = typedCloud("x,y,z,c3", [[1, 2, 3, 4]]);
  const bytes = encodeFile("a.npy", array);
  const read = async (list: string) =>
    fieldList(
      await decodeFile("a.npy", bytes, { fields: parseFieldList(list) }),
    );
  assertEquals(await read("x,y,z,intensity"), "x,y,z,intensity");
  assertEquals(await read("x,y,z"), "x,y,z,c3");
  await assertRejects(() => read("x,y,z,ring,t"), PointsError, "4 columns");
});

Deno.test("a file of no bytes is a cloud only where it has no header", async () => {
  const nothing = new Uint8Array();
  for (const extension of FILE_EXTENSIONS) {
    const name = `empty${extension}`;
    if (/\.(bin|f32)$/.test(extension)) {
      assertEquals((await decodeFile(name, nothing)).points, 0);
      continue;
    }
    const error = await assertRejects(
      () => decodeFile(name, nothing),
      PointsError,
    );
    assertEquals(error.reason, "empty", extension);
  }
});

Deno.test("an empty cloud is written and read in every format", async () => {
  const empty = typedCloud("x,y,z", []);
  for (const extension of WRITABLE_EXTENSIONS) {
    const name = `empty${extension}`;
    const bytes = encodeFile(name, empty).slice();
    assertEquals((await decodeFile(name, bytes)).points, 0, extension);
  }
});

Deno.test("an extension that isn't known or written is named", async () => {
  const cloud = typedCloud("x,y,z", [[1, 2, 3]]);
  assertThrows(() => encodeFile("a.doc", cloud), PointsError, '".doc"');
  for (const extension of [".laz", ".npz", ".xyz", ".pcd.bin"]) {
    const name = `a${extension}`;
    assertThrows(() => encodeFile(name, cloud), PointsError, extension);
    assertThrows(() => lossesOf(name, cloud), PointsError, extension);
  }
  await assertRejects(
    () => decodeFile("a.doc", cloud.data),
    PointsError,
    '".doc"',
  );
});

Deno.test("intensity is found by its other names for a KITTI file", async () => {
  for (const name of ["reflectivity", "intensities", "scalar_Intensity"]) {
    const cloud = typedCloud(`ring:u2,z,y,x,${name}`, [[9, 3, 2, 1, 0.5]]);
    const bytes = encodeFile("a.bin", cloud);
    const read = await decodeFile("a.bin", bytes);
    assertEquals(namesOf(read.fields), ["x", "y", "z", "intensity"]);
    assertEquals(rowsOf(read), [[1, 2, 3, 0.5]]);
  }
});
