import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertMatch,
} from "@std/assert";
import {
  column,
  createCloud,
  findField,
  namesOf,
  type PointCloud,
} from "../../lib/points/cloud.ts";
import { type NamedType, packFields } from "../../lib/points/field.ts";
import {
  decodeFile,
  encodeFile,
  WRITABLE_EXTENSIONS,
} from "../../lib/points/formats.ts";
import { lidarSource } from "../../lib/sources/synthetic/lidar.ts";
import { ROOT, smallDisk, temporaryFolder, testWith } from "../support.ts";

async function convert(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=convert", "tools/convert.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return {
    code,
    said: decoder.decode(stdout).trim(),
    warned: decoder.decode(stderr).trim(),
  };
}

async function read(path: string): Promise<PointCloud> {
  return await decodeFile(path, await Deno.readFile(path));
}

async function write(path: string, cloud: PointCloud): Promise<string> {
  await Deno.writeFile(path, encodeFile(path, cloud));
  return path;
}

/** The largest difference between two clouds' values of a field. */
function maxError(a: PointCloud, b: PointCloud, name: string): number {
  const [before, after] = [column(a, name), column(b, name)];
  assertEquals(before.length, after.length);
  let most = 0;
  for (let i = 0; i < before.length; i++) {
    most = Math.max(most, Math.abs(Number(before[i]) - Number(after[i])));
  }
  return most;
}

/** Points as a sensor makes them, their values in a pattern. */
function typedCloud(fields: string, points: number): PointCloud {
  const named = fields.split(" ").map((entry) => {
    const [name, type = "float32"] = entry.split(":");
    return { name, type } as NamedType;
  });
  const layout = packFields(named);
  const data = new Uint8Array(points * layout.stride);
  const view = new DataView(data.buffer);
  for (let i = 0; i < points; i++) {
    for (const { type, offset } of layout.fields) {
      const at = i * layout.stride + offset;
      if (type === "float32") view.setFloat32(at, i / 7 + offset, true);
      else if (type === "float64") view.setFloat64(at, 1.7e9 + i / 3, true);
      else view.setUint8(at, i * 37);
    }
  }
  return createCloud({ ...layout, data });
}

const SCAN = lidarSource(300).next(0, 0);
const SENSOR = typedCloud(
  "x y z intensity ring:uint16 timestamp:float64 rgb:uint32",
  50,
);
const UTM = typedCloud("x:float64 y:float64 z:float64", 20);

/** LAS has fields of its own, and its test. */
const ALIKE = WRITABLE_EXTENSIONS.filter((extension) => extension !== ".las");

for (const from of ALIKE) {
  testWith(
    [],
    `convert: ${from} to every format, and the points stay`,
    async () => {
      await using folder = await temporaryFolder();
      const input = await write(`${folder.path}/in${from}`, SCAN);
      const before = await read(input);
      for (const to of ALIKE) {
        const output = `${folder.path}/out${to}`;
        const { code, said, warned } = await convert(input, output);
        assertEquals(code, 0, `${from} ${to}: ${warned}`);
        const { size } = await Deno.stat(output);
        assertMatch(said, new RegExp(`: 300 points, x y z.*, ${size} bytes `));
        const after = await read(output);
        // .f32 names no fields and .bin has intensity always; else all stay.
        const names = namesOf(before.fields);
        const kept = to === ".f32" ? ["x", "y", "z"] : names;
        assertEquals(
          namesOf(after.fields),
          to === ".bin" ? ["x", "y", "z", "intensity"] : kept,
        );
        for (const name of kept) {
          const isRounded = to === ".cloudini" && "xyz".includes(name);
          const error = maxError(before, after, name);
          const most = isRounded ? 0.0005 + 2 ** -18 : 0;
          assertLessOrEqual(error, most, `${from} ${to} ${name}`);
          const told = Number(/maximum error (.*)$/.exec(said)?.[1]);
          assertLessOrEqual(error, told);
        }
        const lost = names.filter((name) => !kept.includes(name));
        assertEquals(
          warned.split("\n").filter(Boolean).length,
          lost.length,
          warned,
        );
      }
    },
  );
}

testWith(
  [],
  "convert writes LAS, and says what it rounds and leaves out",
  async () => {
    await using folder = await temporaryFolder();
    const input = await write(`${folder.path}/in.pcd`, SENSOR);
    const output = `${folder.path}/out.las`;
    const { code, said, warned } = await convert(
      ...[input, output, "--strict", "--resolution", "0.01"],
    );
    assertEquals([code, warned], [0, ""]);
    const after = await read(output);
    for (const name of ["x", "y", "z"]) {
      const error = maxError(SENSOR, after, name);
      assert(error > 0.001 && error <= 0.005 * 1.01, `${name} ${error}`);
      assert(said.includes(`${name}: maximum error ${error}`), said);
    }
    assertEquals(column(after, "ring"), column(SENSOR, "ring"));
    assertEquals(column(after, "intensity_2"), column(SENSOR, "intensity"));

    const holes = `${folder.path}/holes.pcd`;
    const nowhere = SENSOR.data.slice();
    new DataView(nowhere.buffer).setFloat32(0, NaN, true);
    await write(holes, { ...SENSOR, data: nowhere });
    const strict = await convert(holes, output, "--strict");
    assertEquals(strict.code, 1);
    assertMatch(strict.warned, /\.las can't hold 1 points without a place/);
    assertEquals((await read(output)).points, SENSOR.points);
    assertEquals((await convert(holes, output)).code, 0);
    assertEquals((await read(output)).points, SENSOR.points - 1);
  },
);

testWith(
  [],
  "convert keeps types and colour from format to format",
  async () => {
    await using folder = await temporaryFolder();
    let last = await write(`${folder.path}/0.pcd`, SENSOR);
    for (const next of ["1.npy", "2.ply", "3.cloudini", "4.pcd", "5.npy"]) {
      const path = `${folder.path}/${next}`;
      const { code, warned } = await convert(last, path);
      assertEquals([code, warned], [0, ""], next);
      last = path;
    }
    const after = await read(last);
    for (const name of ["ring", "timestamp", "intensity"]) {
      const [a, b] = [SENSOR, after].map((cloud) => findField(cloud, name));
      assertEquals(a?.type, b?.type);
      assertEquals(column(after, name), column(SENSOR, name));
    }
    const bits = (cloud: PointCloud) =>
      Array.from(
        { length: cloud.points },
        (_, i) => {
          const at = i * cloud.stride + findField(cloud, "rgb")!.offset;
          return [...cloud.data.subarray(at, at + 3)];
        },
      );
    assertEquals(bits(after), bits(SENSOR));
  },
);

testWith(
  [],
  "convert tells the error against the source's own numbers",
  async () => {
    await using folder = await temporaryFolder();
    const input = await write(`${folder.path}/utm.pcd`, UTM);
    const output = `${folder.path}/utm.f32`;
    const { code, said, warned } = await convert(input, output);
    assertEquals(code, 0, warned);
    const after = await read(output);
    for (const name of ["x", "y", "z"]) {
      const error = maxError(UTM, after, name);
      assert(error > 1, `${error}`);
      assert(said.includes(`${name}: maximum error ${error}`), said);
      assertMatch(warned, new RegExp(`Warning: .*\\b${name}\\b.*float32`));
    }
  },
);

testWith(
  [],
  "convert rounds as it is asked, and says it of each field",
  async () => {
    await using folder = await temporaryFolder();
    const input = await write(`${folder.path}/in.pcd`, SENSOR);
    const output = `${folder.path}/out.cloudini`;
    const { code, said, warned } = await convert(
      ...[input, output, "--strict", "--fields", "x,y,z,intensity,ring"],
      ...["--resolution", "0.1,intensity=0.5"],
    );
    assertEquals([code, warned], [0, ""]);
    const after = await read(output);
    assertEquals(namesOf(after.fields), ["x", "y", "z", "intensity", "ring"]);
    for (const [name, most] of [["x", 0.05], ["intensity", 0.25]] as const) {
      const error = maxError(SENSOR, after, name);
      assert(error > most / 2, `${name} ${error}`);
      assertLessOrEqual(error, most + 2 ** -18);
      assert(said.includes(`${name}: maximum error ${error}`), said);
    }
    assertEquals(column(after, "ring"), column(SENSOR, "ring"));
    assert(!said.includes("ring: "), said);
  },
);

testWith(
  [],
  "convert --strict writes nothing where anything is lost",
  async () => {
    await using folder = await temporaryFolder();
    const input = await write(`${folder.path}/in.pcd`, SENSOR);
    const output = `${folder.path}/out.bin`;
    const { code, said, warned } = await convert(input, output, "--strict");
    assertEquals([code, said], [1, ""]);
    for (const name of ["ring", "timestamp", "rgb"]) {
      assertMatch(warned, new RegExp(`Warning: .*\\b${name}\\b`));
    }
    assertMatch(warned, /out\.bin was not written/);
    assertEquals(await list(folder.path), ["in.pcd"]);
    assertEquals((await convert(input, output)).code, 0);
    assertEquals(await list(folder.path), ["in.pcd", "out.bin"]);
  },
);

testWith([], "convert writes PCD in the form that is asked for", async () => {
  await using folder = await temporaryFolder();
  const input = await write(`${folder.path}/in.ply`, SENSOR);
  const output = `${folder.path}/out.pcd`;
  for (const form of ["ascii", "binary", "binary_compressed"]) {
    const { code, warned } = await convert(input, output, "--pcd-data", form);
    assertEquals([code, warned], [0, ""]);
    const text = new TextDecoder("latin1").decode(await Deno.readFile(output));
    assertMatch(text, new RegExp(`\\nDATA ${form}\\n`));
    const { missing, errors } = differences(SENSOR, await read(output));
    assertEquals([missing, errors], [[], [0, 0, 0, 0, 0, 0]]);
  }
});

/** Of all fields but the colour: those that are gone, and errors. */
function differences(before: PointCloud, after: PointCloud) {
  const names = namesOf(before.fields).filter((name) => name !== "rgb");
  const missing = names.filter((name) => !findField(after, name));
  return {
    missing,
    errors: names.filter((name) => !missing.includes(name))
      .map((name) => maxError(before, after, name)),
  };
}

testWith(
  [],
  "a conversion that fails leaves an older file as it is",
  async () => {
    await using folder = await temporaryFolder();
    const cut = `${folder.path}/cut.pcd`;
    const bytes = encodeFile(cut, SCAN);
    await Deno.writeFile(cut, bytes.subarray(0, bytes.length - 1));
    const output = await write(`${folder.path}/out.npy`, UTM);
    const before = await Deno.readFile(output);
    const { code, warned } = await convert(cut, output);
    assertEquals(code, 1);
    assertMatch(warned, /cut\.pcd: .*byte/);
    assertEquals(await Deno.readFile(output), before);
    assertEquals(await list(folder.path), ["cut.pcd", "out.npy"]);
  },
);

testWith(
  [],
  "convert replaces what a link leads to, and keeps its mode",
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const input = await write(`${path}/in.pcd`, SCAN);
    const real = await write(`${path}/real.npy`, UTM);
    await Deno.chmod(real, 0o640);
    await Deno.symlink(real, `${path}/link.npy`);
    assertEquals((await convert(input, `${path}/link.npy`)).code, 0);
    assertEquals((await Deno.lstat(`${path}/link.npy`)).isSymlink, true);
    assertEquals((await read(real)).points, 300);
    assertEquals((await Deno.stat(real)).mode! & 0o777, 0o640);
    assertEquals(await list(path), ["in.pcd", "link.npy", "real.npy"]);
  },
);

testWith([], "convert refuses a huge file before it loads it", async () => {
  await using folder = await temporaryFolder();
  const huge = `${folder.path}/huge.pcd`;
  await Deno.writeTextFile(huge, "VERSION 0.7\n");
  // It has holes, and takes no room.
  await Deno.truncate(huge, 2 ** 40);
  const { code, warned } = await convert(huge, `${folder.path}/a.npy`);
  assertEquals(code, 1);
  assertMatch(warned, /huge\.pcd: The file has 1099511627776 bytes, and at/);
});

testWith([], "convert says in a sentence what is wrong", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const good = await write(`${path}/good.pcd`, SCAN);
  await Deno.mkdir(`${path}/folder.npy`);
  const cases: [args: string[], code: number, said: RegExp][] = [
    [[good], 2, /^OUT is missing$/],
    [[good, "a.npy", "b.npy"], 2, /^Unexpected argument "b.npy"/],
    [[good, "a.npy", "--resolution", "fine"], 2, /^--resolution "fine": /],
    [[good, "a.npy", "--fields", "x,y:q9,z"], 2, /y is of type "q9"/],
    [[`${path}/no.pcd`, "a.npy"], 1, /no\.pcd: No such file/],
    [[path, "a.npy"], 1, /It is no regular file$/],
    [[good, `${path}/a.wav`], 1, /a\.wav: Unknown extension "\.wav"; known/],
    [
      [good, `${path}/a.npy`, "--fields", "x,y,z,ring"],
      1,
      /good\.pcd: .*no field ring; it has x, y, z, intensity/,
    ],
    [[good, `${path}/no/a.npy`], 1, /no\/a\.npy: No such file/],
    [[good, `${path}/folder.npy`], 1, /folder\.npy: It is no regular file/],
  ];
  for (const [args, code, expected] of cases) {
    const { warned, said, ...result } = await convert(...args);
    assertMatch(warned, expected);
    assertEquals([result.code, said], [code, ""], warned);
    assert(!/\n|\bat file:/.test(warned), warned);
  }
  assertEquals(await list(path), ["folder.npy", "good.pcd"]);
});

async function list(folder: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), (e) => e.name);
  return names.sort();
}

testWith(
  ["small disk"],
  "convert leaves what was there where the disk is full",
  async () => {
    await using disk = await smallDisk(64);
    await using folder = await temporaryFolder();
    const from = await write(
      `${folder.path}/in.ply`,
      typedCloud("x y z", 100_000),
    );
    const to = `${disk.path}/out.pcd`;
    await Deno.writeTextFile(to, "before");
    const { code, warned } = await convert(from, to);
    assertEquals([code, warned], [1, `${to}: No space left on device`]);
    assertEquals(await Deno.readTextFile(to), "before");
    assertEquals([...Deno.readDirSync(disk.path)].length, 1);
  },
);
