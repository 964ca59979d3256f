import { assertEquals, assertLessOrEqual, assertMatch } from "@std/assert";
import type { PointCloud } from "../../lib/points/cloud.ts";
import {
  decodeFile,
  encodeFile,
  FILE_EXTENSIONS,
} from "../../lib/points/formats.ts";
import { lidarSource } from "../../lib/sources/synthetic/lidar.ts";
import { ROOT, temporaryFolder, testWith } from "../support.ts";

async function convert(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=convert", "tools/convert.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return {
    code,
    said: decoder.decode(code === 0 ? stdout : stderr).trim(),
  };
}

async function read(path: string): Promise<PointCloud> {
  return decodeFile(path, await Deno.readFile(path));
}

/** The values of one field. */
function column({ fields, values }: PointCloud, name: string): Float32Array {
  const at = fields.indexOf(name);
  return values.filter((_, i) => i % fields.length === at);
}

const SCAN = lidarSource(300).next(0, 0);

for (const from of FILE_EXTENSIONS) {
  testWith(
    [],
    `convert: ${from} to every format, and the points stay`,
    async () => {
      await using folder = await temporaryFolder();
      const input = `${folder.path}/in${from}`;
      await Deno.writeFile(input, encodeFile(input, SCAN));
      const before = await read(input);
      for (const to of FILE_EXTENSIONS) {
        const output = `${folder.path}/out${to}`;
        const { code, said } = await convert(input, output);
        assertEquals(code, 0, `${from} ${to}: ${said}`);
        const { size } = await Deno.stat(output);
        assertMatch(said, new RegExp(`: 300 points, x y z.*, ${size} bytes `));
        const after = await read(output);
        assertEquals(after.points, before.points);
        // .f32 has no names and .bin has intensity always; else all fields stay.
        const kept = to === ".f32" ? ["x", "y", "z"] : before.fields;
        assertEquals(
          after.fields,
          to === ".bin" ? ["x", "y", "z", "intensity"] : kept,
        );
        const off = to === ".cloudini" && from !== to ? 0.0005 + 2 ** -19 : 0;
        for (const name of kept) {
          const [a, b] = [column(before, name), column(after, name)];
          const error = a.reduce(
            (m, v, i) => Math.max(m, Math.abs(v - b[i])),
            0,
          );
          assertLessOrEqual(error, off, `${from} ${to} ${name}`);
          const told = Number(/maximum error (.*)$/.exec(said)?.[1]);
          assertLessOrEqual(error, told);
        }
      }
    },
  );
}

testWith([], "convert takes a resolution and fields", async () => {
  await using folder = await temporaryFolder();
  const input = `${folder.path}/in.pcd`;
  const output = `${folder.path}/out.cloudini`;
  await Deno.writeFile(input, encodeFile(input, SCAN));
  const { code, said } = await convert(
    ...[input, output, "--resolution", "0.1", "--fields", "x,y,z"],
  );
  assertEquals(code, 0, said);
  const told = Number(/maximum error (.*)$/.exec(said)?.[1]);
  assertLessOrEqual(told, 0.05 + 2 ** -18);
  assertEquals((await read(output)).fields, ["x", "y", "z"]);
});

testWith([], "convert says in a sentence what is wrong", async () => {
  await using folder = await temporaryFolder();
  const good = `${folder.path}/good.pcd`;
  const cut = `${folder.path}/cut.pcd`;
  const bytes = encodeFile(good, SCAN);
  await Deno.writeFile(good, bytes);
  await Deno.writeFile(cut, bytes.subarray(0, bytes.length - 1));
  const cases: [args: string[], code: number, said: RegExp][] = [
    [[good], 2, /^OUT is missing$/],
    [[good, "a.npy", "b.npy"], 2, /^Unexpected argument "b.npy"/],
    [[`${folder.path}/no.pcd`, "a.npy"], 1, /no\.pcd: No such file/],
    [[cut, `${folder.path}/a.npy`], 1, /cut\.pcd: .*byte/],
    [[good, `${folder.path}/a.xyz`], 1, /^Unknown extension "\.xyz"; known/],
    [
      [good, `${folder.path}/a.npy`, "--fields", "x,y,z,ring"],
      1,
      /no field ring/,
    ],
    [[good, `${folder.path}/no/a.npy`], 1, /No such file/],
  ];
  for (const [args, code, expected] of cases) {
    const result = await convert(...args);
    assertMatch(result.said, expected);
    assertEquals(result.code, code, result.said);
  }
});
