import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  createCloud,
  findField,
  namesOf,
  type PointCloud,
} from "../../../lib/points/cloud.ts";
import { packFields, parseFieldList, XYZ } from "../../../lib/points/field.ts";
import { convertCloud } from "../../../tools/convert/conversion.ts";
import { anyCloud, typedCloud } from "../../points/file_clouds.ts";

const POSE = {
  translation: [1, 2, 3],
  rotation: [0, 0, 0.6, 0.8],
} as const;

/** A colour whose bytes all differ, and its alpha. */
const COLOR = 0x80402010;

/** One point of x, y, z and the fields of a list, which are all bytes. */
function bytesCloud(list: string, bytes: number[]): PointCloud {
  const layout = packFields(parseFieldList(`x,y,z,${list}`));
  const data = new Uint8Array(layout.stride);
  data.set(bytes, 12);
  return createCloud({ ...layout, data });
}

/** What is said of a conversion: which fields changed, and what is lost. */
async function outcome(name: string, cloud: PointCloud) {
  const { fields, losses, cloud: written } = await convertCloud(name, cloud, {
    resolution: 0.001,
    resolutions: {},
  });
  const changed = fields.filter(({ isExact }) => !isExact)
    .map(({ name }) => name);
  return { changed, losses, names: namesOf(written.fields) };
}

Deno.test("convertCloud() finds colour and normals under other names", async () => {
  const rgb = bytesCloud("rgb", [0x10, 0x20, 0x40, 0]);
  assertEquals(await outcome("a.ply", rgb), {
    changed: [],
    losses: [],
    names: ["x", "y", "z", "red", "green", "blue"],
  });
  const channels = bytesCloud("red:u1,green:u1,blue:u1", [1, 2, 3]);
  assertEquals(await outcome("a.pcd", channels), {
    changed: [],
    losses: [],
    names: ["x", "y", "z", "rgb"],
  });
  const normals = typedCloud("x,y,z,nx,ny,nz", [[1, 2, 3, 0, 0.6, 0.8]]);
  const { changed, losses, names } = await outcome("a.pcd", normals);
  assertEquals([changed, losses, names.slice(3)], [[], [], [
    ...["normal_x", "normal_y", "normal_z"],
  ]]);
});

Deno.test("convertCloud() takes a colour's bits for the same in any type", async () => {
  const data = { resolution: 0.001, pcdData: "ascii" } as const;
  for (const type of ["f4", "u4", "i4"]) {
    const cloud = bytesCloud(`rgb:${type}`, [0x10, 0x20, 0x40, 0x80]);
    const view = new DataView(cloud.data.buffer);
    assertEquals(view.getUint32(12, true), COLOR);
    const { fields, losses } = await convertCloud("a.pcd", cloud, data);
    assert(fields.every(({ isExact }) => isExact), type);
    assertEquals(losses, []);
  }
});

Deno.test("convertCloud() finds the intensity of .bin under its name there", async () => {
  const cloud = typedCloud("x,y,z,reflectivity", [[1, 2, 3, 42]]);
  assertEquals(await outcome("a.bin", cloud), {
    changed: [],
    losses: [],
    names: ["x", "y", "z", "intensity"],
  });
});

Deno.test("convertCloud() names each thing once that a file can't hold", async () => {
  const cloud = {
    ...typedCloud("x,y,z,ring:u2,id:i8", [
      [1, 2, 3, 4, 2n ** 53n + 1n],
      [5, 6, 7, 8, 9],
    ]),
    ...{ width: 1, height: 2, viewpoint: POSE },
  };
  for (const extension of [".f32", ".bin", ".ply", ".npy"]) {
    const { losses, changed } = await outcome(`a${extension}`, cloud);
    assertEquals(changed, extension === ".ply" ? ["id"] : []);
    const count = (word: string) =>
      losses.filter((text) => new RegExp(`\\b${word}\\b`).test(text)).length;
    const isBare = extension === ".f32" || extension === ".bin";
    assertEquals(count("ring"), isBare ? 1 : 0, `${extension} ${losses}`);
    assertEquals(count("id"), extension === ".npy" ? 0 : 1, `${losses}`);
    assertEquals(count("viewpoint"), 1, `${extension} ${losses}`);
    assertEquals(count("rows"), isBare ? 1 : 0, `${extension} ${losses}`);
  }
  assertEquals((await outcome("a.pcd", cloud)).losses, []);
});

Deno.test("convertCloud() reads back what it writes, or says what changed", async () => {
  const extensions = fc.constantFrom(".pcd", ".ply", ".npy", ".bin", ".f32");
  const forms = fc.constantFrom(
    ...["binary", "ascii", "binary_compressed"] as const,
  );
  await fc.assert(
    fc.asyncProperty(anyCloud(), extensions, forms, async (
      cloud,
      extension,
      pcdData,
    ) => {
      const { fields, losses, cloud: written } = await convertCloud(
        `a${extension}`,
        cloud,
        { resolution: 0.001, pcdData },
      );
      assertEquals(written.points, cloud.points);
      const { fields: before } = cloud;
      const kept = before.filter(({ name, type }) =>
        findField(written, name)?.type === type
      );
      // Text has one NaN; all else is there, or it is said that it isn't.
      for (const { name } of kept) {
        const { maxError } = fields.find((field) => field.name === name)!;
        assertEquals(maxError, 0, `${extension} ${name}`);
      }
      for (const field of before.filter((field) => !kept.includes(field))) {
        const isSaid = losses.some((text) =>
          text.split(/[\s,:]+/).includes(field.name)
        );
        assert(isSaid, `${extension} ${field.name}: ${losses}`);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("convertCloud() finds every cloud of .cloudini within its steps", async () => {
  await fc.assert(
    fc.asyncProperty(anyCloud(), async (cloud) => {
      // Its header names fields in ASCII.
      fc.pre(!findField(cloud, "Ω"));
      const { fields, losses } = await convertCloud("a.cloudini", cloud, {
        resolution: 0.001,
        resolutions: { intensity: 0.5 },
      });
      assertEquals(losses, []);
      for (const { name, isExact, isWithin } of fields) {
        assert(isWithin, name);
        const isRounded = [...XYZ, "intensity"].includes(name);
        assert(isExact || isRounded, name);
      }
    }),
    { numRuns: 300 },
  );
});
