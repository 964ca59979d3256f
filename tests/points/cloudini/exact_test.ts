import { assert, assertEquals } from "@std/assert";
import {
  createCloud,
  type PointCloud,
  pointCloud,
} from "../../../lib/points/cloud.ts";
import { CloudiniEncoder } from "../../../lib/points/cloudini/mod.ts";
import { FIELD_TYPES, packFields } from "../../../lib/points/field.ts";
import { zstdCompress } from "../../../lib/points/zstd/zstd.ts";
import { decoder } from "./support.ts";

const POINTS = 5000;

/** A cloud of zeros with an intensity. */
function withIntensity(value: (i: number) => number): PointCloud {
  const values = new Float32Array(POINTS * 4);
  for (let i = 0; i < POINTS; i++) values[4 * i + 3] = value(i);
  return pointCloud(values, ["x", "y", "z", "intensity"]);
}

/** Encodes, checks that the values come back, and returns the header's step. */
function stepOf(cloud: PointCloud, name = "intensity"): string {
  const { bytes, steps } = new CloudiniEncoder({ zstd: zstdCompress })
    .encode(cloud);
  assertEquals(Object.keys(steps), ["x", "y", "z"]);
  assertEquals(decoder().decode(bytes).data, cloud.data);
  const text = new TextDecoder().decode(bytes);
  const entry = new RegExp(`name: ${name}\n.*\n.*\n +resolution: (.*)`);
  return entry.exec(text)![1];
}

const noisy = (i: number) => i * 7919 % 251;

Deno.test("CloudiniEncoder steps float fields by what is exact", () => {
  const unit = Math.fround(0.001), part = Math.fround(1 / 255);
  const cases: [(i: number) => number, string][] = [
    [noisy, "1"],
    [(i) => noisy(i) - 100, "1"],
    [(i) => i % 3 === 0 ? NaN : noisy(i), "1"],
    [() => 0, "1"],
    [() => NaN, "1"],
    [(i) => 0.5 * noisy(i), "0.5"],
    [(i) => 256 * noisy(i), "256"],
    [(i) => noisy(i) / 64, "0.015625"],
    [(i) => noisy(i) * unit, "0.001"],
    [(i) => noisy(i) * part, "0.003921569"],
    [(i) => noisy(i) / 10, "0.014285714"],
    [(i) => noisy(i) / 100, "0.00076923077"],
    // The one value that isn't whole comes late.
    [(i) => i === POINTS - 1 ? 0.25 : noisy(i), "0.25"],
  ];
  for (const [value, step] of cases) {
    assertEquals(stepOf(withIntensity(value)), step);
  }
});

Deno.test("CloudiniEncoder writes bits where no step is exact", () => {
  const cases: ((i: number) => number)[] = [
    (i) => Math.sin(i),
    (i) => i === POINTS - 1 ? -0 : noisy(i),
    (i) => i === POINTS - 1 ? Infinity : noisy(i),
    (i) => i === POINTS - 1 ? 1e-40 : noisy(i),
    (i) => i === POINTS - 1 ? Math.PI : noisy(i),
    (i) => i === POINTS - 1 ? 2 ** 40 + noisy(i) : noisy(i),
  ];
  for (const value of cases) {
    assertEquals(stepOf(withIntensity(value)), "null");
  }
  // NaN with a payload, as packed colour may be.
  const cloud = withIntensity(noisy);
  new DataView(cloud.data.buffer).setUint32(12, 0x7fc00001, true);
  assertEquals(stepOf(cloud), "null");
});

Deno.test("CloudiniEncoder steps times of float64 by their last bit", () => {
  const { fields, stride } = packFields([
    ...["x", "y", "z"].map((name) => ({ name, type: "float32" }) as const),
    { name: "time", type: "float64" },
  ]);
  const data = new Uint8Array(POINTS * stride);
  const cloud = createCloud({ fields, stride, data });
  const view = new DataView(data.buffer);
  const setTimes = (time: (i: number) => number) => {
    for (let i = 0; i < POINTS; i++) {
      view.setFloat64(i * stride + 12, time(i), true);
    }
  };
  setTimes((i) => 1714506077.25 + i * 1e-5);
  assertEquals(stepOf(cloud, "time"), "2.3841858e-07");
  const { bytes } = new CloudiniEncoder({ compression: "none" }).encode(cloud);
  assert(bytes.length < POINTS * 5.2, `${bytes.length} bytes`);
  setTimes((i) => i * 1e-5);
  assertEquals(stepOf(cloud, "time"), "null");
});

Deno.test("CloudiniEncoder puts fields with steps first, and offsets stay", () => {
  const { fields, stride } = packFields([
    { name: "intensity", type: "float32" },
    { name: "ring", type: "uint16" },
    ...["x", "y", "z"].map((name) => ({ name, type: "float32" }) as const),
  ]);
  const data = new Uint8Array(stride * 100);
  const cloud = createCloud({ fields, stride, data, height: 4 });
  const { bytes, shape } = new CloudiniEncoder({ compression: "lz4" })
    .encode(cloud);
  const text = new TextDecoder().decode(bytes);
  const names = [...text.matchAll(/name: (.*)/g)].map(([, name]) => name);
  assertEquals(names, ["intensity", "x", "y", "z", "ring"]);
  const { data: _, ...decoded } = decoder().decode(bytes);
  assertEquals(decoded, shape);
  assertEquals(decoded, {
    ...{ fields, stride, width: 25, height: 4, points: 100 },
  });
});

Deno.test("CloudiniEncoder sends fields that overlap as raw", () => {
  const fields = [
    ...["x", "y", "z", "rgb"].map((name, i) => ({
      ...{ name, offset: 4 * i },
      type: "float32" as const,
    })),
    { name: "r", type: "uint8" as const, offset: 14 },
  ];
  const data = new Uint8Array(32).fill(1, 12);
  const cloud = createCloud({ fields, stride: 16, data });
  const { codec } = new CloudiniEncoder({ zstd: zstdCompress }).encode(cloud);
  assertEquals(codec, "raw");
});

Deno.test("CloudiniEncoder reads no byte after the last point", () => {
  for (const type of FIELD_TYPES) {
    const { fields, stride } = packFields([
      ...["x", "y", "z"].map((name) => ({ name, type: "uint8" }) as const),
      { name: "last", type },
    ]);
    const data = Uint8Array.from({ length: 7 * stride }, (_, i) => i * 37);
    const cloud = createCloud({ fields, stride, data });
    for (const encoding of ["none", "lossy", "lossless"] as const) {
      const { bytes } = new CloudiniEncoder({ encoding, zstd: zstdCompress })
        .encode(cloud);
      assertEquals(decoder().decode(bytes).data, data, `${type} ${encoding}`);
    }
  }
});

Deno.test("CloudiniEncoder takes a million points", () => {
  const { fields, stride } = packFields([
    ...["x", "y", "z"].map((name) => ({ name, type: "float32" }) as const),
    { name: "rgb", type: "uint32" },
  ]);
  const data = new Uint8Array(stride * 1_000_000);
  const view = new DataView(data.buffer);
  for (let i = 0; i < 1_000_000; i++) {
    for (const at of [0, 4, 8]) {
      view.setInt32(i * stride + at, 0x7fc00000, true);
    }
    view.setUint32(i * stride + 12, i * 2_654_435_761, true);
  }
  const cloud = createCloud({ fields, stride, data, height: 1000 });
  for (const compression of ["none", "lz4", "zstd"] as const) {
    const { bytes } = new CloudiniEncoder({ compression, zstd: zstdCompress })
      .encode(cloud);
    const decoded = decoder().decode(bytes);
    assertEquals(decoded.height, 1000);
    assertEquals(
      new Uint32Array(decoded.data.buffer, 0, 4e6).every((bits, i) =>
        bits === view.getUint32(4 * i, true)
      ),
      true,
    );
  }
});
