import { assertEquals } from "@std/assert";
import { type PointCloud, selectFields } from "../../../lib/points/cloud.ts";
import { decodePcd, encodePcd } from "../../../lib/points/pcd/pcd.ts";
import {
  decodePly,
  encodePly,
  plyLosses,
} from "../../../lib/points/ply/ply.ts";
import {
  spellForPcd,
  spellForPly,
} from "../../../lib/points/records/translate.ts";
import {
  assertSameBits,
  fieldList,
  rowsOf,
  typedCloud,
} from "../file_clouds.ts";

/** Colours whose bits are a NaN, a denormal and a number as a float32. */
const COLORS = [0xffff0000, 0x00000102, 0x41424344];

/** Makes a cloud of colours whose bits are the same whatever their type. */
function colored(name: string, type: "u4" | "i4" | "f4"): PointCloud {
  const rows = COLORS.map((color, i) => [i, color, i, i, i + 7]);
  const cloud = typedCloud(`x,${name}:u4,y,z,ring:u2`, rows);
  const names = { u4: "uint32", i4: "int32", f4: "float32" } as const;
  const fields = cloud.fields.map((field) =>
    field.name === name ? { ...field, type: names[type] } : field
  );
  return { ...cloud, fields };
}

Deno.test("spellForPly() makes red green blue of a colour's bits, whatever its type", () => {
  for (const type of ["u4", "i4", "f4"] as const) {
    const spelled = spellForPly(colored("rgb", type));
    assertEquals(fieldList(spelled), "x,red:u1,green:u1,blue:u1,y,z,ring:u2");
    assertEquals(rowsOf(spelled).map((row) => row.slice(1, 4)), [
      ...[[0xff, 0, 0], [0, 1, 2], [0x42, 0x43, 0x44]],
    ]);
  }
});

Deno.test("spellForPly() keeps the alpha of rgba", () => {
  const spelled = spellForPly(colored("rgba", "u4"));
  assertEquals(
    fieldList(spelled),
    "x,red:u1,green:u1,blue:u1,alpha:u1,y,z,ring:u2",
  );
  assertEquals(rowsOf(spelled)[2].slice(1, 5), [0x42, 0x43, 0x44, 0x41]);
});

Deno.test("spellForPcd() packs channels of a byte where the first one is", () => {
  const rows = [[1, 255, 2, 0, 128, 3], [4, 0, 5, 1, 2, 6]];
  const cloud = typedCloud("x,b:u1,y,r:u1,g:u1,z", rows);
  const spelled = spellForPcd(cloud);
  assertEquals(fieldList(spelled), "x,rgb,y,z");
  const words = rowsOf({
    ...spelled,
    fields: spelled.fields.map((field) => ({ ...field, type: "uint32" })),
  });
  assertEquals(words.map((row) => row[1]), [0x0080ff, 0x010200]);
});

Deno.test("spellForPcd() packs alpha too, as rgba", () => {
  const rows = [[1, 2, 3, 0x12, 0x34, 0x56, 0x78]];
  const cloud = typedCloud("x,y,z,red:u1,green:u1,blue:u1,alpha:u1", rows);
  assertSameBits(
    spellForPcd(cloud),
    typedCloud("x,y,z,rgba:u4", [[1, 2, 3, 0x78123456]]),
  );
});

Deno.test("translate: colours of other types stay what they are", () => {
  for (const type of ["u2", "f4"]) {
    const list = `x,y,z,red:${type},green:${type},blue:${type}`;
    const cloud = typedCloud(list, [[1, 2, 3, 1, 0, 1]]);
    assertSameBits(spellForPcd(cloud), cloud);
    assertSameBits(spellForPly(cloud), cloud);
  }
});

Deno.test("translate: a name that is taken stays with its field", () => {
  const both = typedCloud("x,y,z,red:u1,rgb:u4,nx,normal_x,normal_y,normal_z", [
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  ]);
  assertSameBits(spellForPly(both), both);
  assertSameBits(spellForPcd(both), both);
});

Deno.test("translate: normals are renamed where all three are there", () => {
  const rows = [[1, 2, 3, 0, 0, 1, 0.5]];
  const pcd = typedCloud("x,y,z,normal_x,normal_y,normal_z,curvature", rows);
  const ply = typedCloud("x,y,z,nx,ny,nz,curvature", rows);
  assertSameBits(spellForPly(pcd), ply);
  assertSameBits(spellForPcd(ply), pcd);
  const two = typedCloud("x,y,z,nx,ny", [[1, 2, 3, 4, 5]]);
  assertSameBits(spellForPcd(two), two);
});

Deno.test("translate: colour survives PCD to PLY to PCD in every form", () => {
  const wanted = COLORS.map((color) => color & 0xffffff);
  for (const data of ["ascii", "binary", "binary_compressed"] as const) {
    const pcd = decodePcd(encodePcd(colored("rgb", "f4"), { data }));
    const ply = decodePly(encodePly(pcd, { format: "ascii" }));
    assertEquals(fieldList(ply), "x,red:u1,green:u1,blue:u1,y,z,ring:u2");
    const back = decodePcd(encodePcd(ply, { data: "ascii" }));
    assertEquals(fieldList(back), "x,rgb:u4,y,z,ring:u2");
    assertEquals(rowsOf(back).map((row) => row[1]), wanted);
  }
});

Deno.test("encodePcd() calls packed colours what PCL calls them", () => {
  const typesOf = (name: string, data: "ascii" | "binary") => {
    const file = encodePcd(colored(name, "f4"), { data });
    return /\nTYPE (.*)\n/.exec(new TextDecoder().decode(file))?.[1];
  };
  assertEquals(typesOf("rgb", "binary"), "F F F F U");
  assertEquals(typesOf("rgb", "ascii"), "F U F F U");
  assertEquals(typesOf("rgba", "binary"), "F U F F U");
  const binary = decodePcd(encodePcd(colored("rgb", "i4")));
  assertSameBits(binary, colored("rgb", "i4"));
});

Deno.test("encodePly() writes 64-bit integers as doubles, and says so", () => {
  const cloud = typedCloud("x,y,z,id:u8,t:i8", [
    [1, 2, 3, 2n ** 53n + 1n, -5],
    [4, 5, 6, 7, 8],
  ]);
  assertEquals(plyLosses(cloud), [
    "PLY has no uint64: id is written as double, 1 of its values rounded",
    "PLY has no int64: t is written as double, each value exact",
  ]);
  const back = decodePly(encodePly(cloud));
  assertEquals(fieldList(back), "x,y,z,id:f8,t:f8");
  assertEquals(rowsOf(selectFields(back, ["x", "y", "z", "t"])), [
    [1, 2, 3, -5],
    [4, 5, 6, 8],
  ]);
});
