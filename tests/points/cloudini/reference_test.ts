/**
 * Files that the reference library wrote and read, where they are present: see
 * ../shared/data/README.md beside the repository.
 */
import { assert, assertEquals } from "@std/assert";
import {
  column,
  createCloud,
  type PointCloud,
  pointCloud,
  toFloat32,
} from "../../../lib/points/cloud.ts";
import {
  CloudiniDecoder,
  CloudiniEncoder,
} from "../../../lib/points/cloudini/mod.ts";
import { ChunkEncoder } from "../../../lib/points/cloudini/chunk_encoder.ts";
import { readCloudiniHeader } from "../../../lib/points/cloudini/header.ts";
import { writeCloudiniHeader } from "../../../lib/points/cloudini/yaml_header.ts";
import { zstdCompress, zstdDecompress } from "../../../lib/points/zstd/zstd.ts";
import { loadWasmZstd } from "../../../lib/points/zstd/wasm.ts";

const { decompress: inBrowser } = await loadWasmZstd();
const DATA = new URL("../../../../shared/data/", import.meta.url);

const isPresent = await Deno.stat(new URL("lidar.pcd", DATA)).then(
  () => true,
  () => false,
);

const SCAN_POINTS = 115_385;

/** SHA-256 of the reference decoder's output. */
const SCANS = {
  lidar_xyz_v5_zstd_1mm: {
    resolution: 0.001,
    sha256: "a753003ad63689dd1b327cb3a8cbd6096047173630a6d9b1ce8bc3e5561a1f8f",
  },
  lidar_xyz_v5_zstd_1cm: {
    resolution: 0.01,
    sha256: "9ff2e97739c1e5072f131352fbcda29b4a0d8315907479290d18c7eb909701ef",
  },
  lidar_xyzi_v5_zstd_1mm: {
    resolution: 0.001,
    sha256: "9a53c4ff198667be39b6a4950be87a82c62c54e8e3c765367156fcf5cec819e9",
  },
};

const SMALL = [
  "small_xyz_v5_none_1mm",
  "small_xyz_v5_zstd_1mm",
  "small_nan_xyz_v5_zstd_1mm",
];

function testReference(name: string, run: () => Promise<void>): void {
  const label = isPresent ? name : `${name} (skipped: no ../shared/data)`;
  Deno.test({ name: label, ignore: !isPresent, fn: run });
}

function readReference(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`cloudini/${name}`, DATA));
}

/** Reads the scan: PCD v0.7, binary float32 x y z intensity. */
async function readScan(fields: number): Promise<PointCloud> {
  const bytes = await Deno.readFile(new URL("lidar.pcd", DATA));
  const header = new TextDecoder().decode(bytes.subarray(0, 1000));
  const start = header.indexOf("DATA binary\n") + "DATA binary\n".length;
  const all = new Float32Array(bytes.slice(start).buffer, 0, SCAN_POINTS * 4);
  const values = all.filter((_, i) => i % 4 < fields);
  return pointCloud(values, ["x", "y", "z", "intensity"].slice(0, fields));
}

/** The header, and the first stage of each chunk. */
function openUp(bytes: Uint8Array, isZstd: boolean): Uint8Array[] {
  let at = bytes.indexOf(0) + 1;
  const parts: Uint8Array[] = [bytes.slice(0, at)];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  while (at < bytes.length) {
    const end = at + 4 + view.getUint32(at, true);
    const chunk = bytes.slice(at + 4, end);
    parts.push(isZstd ? zstdDecompress(chunk, 1e6) : chunk);
    at = end;
  }
  return parts;
}

for (const [name, { resolution, sha256 }] of Object.entries(SCANS)) {
  const fields = name.includes("xyzi") ? 4 : 3;

  testReference(
    `CloudiniEncoder's first stage is that of ${name}`,
    async () => {
      const reference = await readReference(`${name}.cloudini`);
      const encoder = new CloudiniEncoder({
        resolution,
        resolutions: { intensity: resolution },
        zstd: zstdCompress,
      });
      const { codec, bytes } = encoder.encode(await readScan(fields));
      assertEquals(codec, "cloudini");
      assertEquals(openUp(bytes, true), openUp(reference, true));
      const ratio = bytes.length / reference.length;
      assert(Math.abs(ratio - 1) < 0.01, `${ratio} of the reference's bytes`);
    },
  );

  for (const zstd of [zstdDecompress, inBrowser]) {
    const where = zstd === inBrowser ? "browsers" : "Deno";
    testReference(`CloudiniDecoder in ${where} reads ${name}`, async () => {
      const decoder = new CloudiniDecoder({ zstd });
      const bytes = await readReference(`${name}.cloudini`);
      const { data } = decoder.decode(bytes);
      const hash = await crypto.subtle.digest("SHA-256", data.slice());
      assertEquals(new Uint8Array(hash).toHex(), sha256);
    });
  }
}

for (const name of SMALL) {
  testReference(`CloudiniDecoder reads ${name} bit for bit`, async () => {
    const decoder = new CloudiniDecoder({ zstd: zstdDecompress });
    const { data } = decoder.decode(await readReference(`${name}.cloudini`));
    assertEquals(data, await readReference(`${name}.decoded.f32`));
  });

  testReference(
    `CloudiniEncoder's first stage is that of ${name}`,
    async () => {
      const isZstd = name.includes("zstd");
      const reference = await readReference(`${name}.cloudini`);
      const scan = await readScan(3);
      const values = toFloat32(scan).slice(0, 3000);
      if (name.includes("nan")) {
        for (let i = 0; i < 1000; i += 17) values.fill(NaN, i * 3, i * 3 + 3);
      }
      const encoder = new CloudiniEncoder({
        compression: isZstd ? "zstd" : "none",
        zstd: zstdCompress,
      });
      const { bytes } = encoder.encode(pointCloud(values));
      assertEquals(openUp(bytes, isZstd), openUp(reference, isZstd));
    },
  );
}

/** What each file of typed clouds is decoded to: a file, or its SHA-256. */
const TYPED = {
  hesai2000_lossless_v5_none: undefined,
  hesai2000_none_v5_zstd: undefined,
  hesai2000_v4_none: undefined,
  hesai2000_v5_none: undefined,
  mixed3000_v5_none: undefined,
  utm_f64_v5_none: undefined,
  hesai_v5_zstd:
    "f24465dcfa44b3949d5575bc4c80624d611ad782878776db95f3d1e4e9509383",
};

function readTyped(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`cloudini-typed/${name}`, DATA));
}

for (const [name, sha256] of Object.entries(TYPED)) {
  testReference(`CloudiniDecoder reads ${name} bit for bit`, async () => {
    const decoder = new CloudiniDecoder({ zstd: zstdDecompress });
    const bytes = await readTyped(`${name}.cloudini`);
    const { data, stride, points } = decoder.decode(bytes);
    assertEquals(data.length, stride * points);
    if (sha256 === undefined) {
      assertEquals(data, await readTyped(`${name}.decoded.bin`));
    } else {
      const hash = await crypto.subtle.digest("SHA-256", data.slice());
      assertEquals(new Uint8Array(hash).toHex(), sha256);
    }
  });
}

/** What was encoded; what was rounded gives the same steps again. */
const SOURCES: Record<string, string> = {
  hesai2000_v5_none: "hesai2000_lossless_v5_none.decoded.bin",
  hesai2000_lossless_v5_none: "hesai2000_lossless_v5_none.decoded.bin",
  mixed3000_v5_none: "mixed3000_v5_none.decoded.bin",
  utm_f64_v5_none: "utm_f64_v5_none.decoded.bin",
};

for (const [name, source] of Object.entries(SOURCES)) {
  testReference(
    `With its header ${name} is written byte for byte`,
    async () => {
      const due = await readTyped(`${name}.cloudini`);
      const { header, offset } = readCloudiniHeader(due);
      const data = await readTyped(source);
      const view = new DataView(data.buffer);
      const { stride, width: points } = header;
      const chunks = new ChunkEncoder(header);
      chunks.reset();
      const stage = chunks.encode({ view, start: 0, stride, points });
      assertEquals(stage, due.subarray(offset + 4));
      assertEquals(writeCloudiniHeader(header), due.subarray(0, offset));
    },
  );
}

/** Reads the one PointCloud2, whose fields are those of the encoded one. */
async function readHesai(): Promise<PointCloud> {
  const shape = new CloudiniDecoder().inspect(
    await readTyped("hesai_v5_zstd.cloudini"),
  );
  const message = await Deno.readFile(
    new URL("pointcloud2_hesai.cdr", DATA),
  );
  // After its header, its fields, and the length of the data.
  const start = 0xc4;
  const bytes = shape.points * shape.stride;
  const data = message.subarray(start, start + bytes);
  return createCloud({ ...shape, data });
}

for (const compression of ["none", "lz4", "zstd"] as const) {
  testReference(`A whole PointCloud2 goes through ${compression}`, async () => {
    const cloud = await readHesai();
    const encoder = new CloudiniEncoder({ compression, zstd: zstdCompress });
    const { bytes, steps } = encoder.encode(cloud);
    assertEquals(Object.keys(steps), ["x", "y", "z"]);
    for (const zstd of [zstdDecompress, inBrowser]) {
      const decoded = new CloudiniDecoder({ zstd }).decode(bytes);
      for (const { name } of cloud.fields) {
        const due = column(cloud, name), values = column(decoded, name);
        if (name in steps) {
          let error = 0;
          for (let i = 0; i < due.length; i++) {
            error = Math.max(
              error,
              Math.abs(Number(due[i]) - Number(values[i])),
            );
          }
          assert(error < 0.000_51, `${name}: ${error}`);
        } else {
          assertEquals(values, due);
        }
      }
    }
    const bytesAPoint = bytes.length / cloud.points;
    if (compression === "zstd") {
      assert(bytesAPoint < 2.3, `${bytesAPoint} bytes a point`);
    }
  });
}
