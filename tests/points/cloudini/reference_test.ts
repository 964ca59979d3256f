/**
 * Files that the reference library wrote and read, where they are present: see
 * ../shared/data/README.md beside the repository.
 */
import { assert, assertEquals } from "@std/assert";
import {
  type PointCloud,
  pointCloud,
  toFloat32,
} from "../../../lib/points/cloud.ts";
import {
  CloudiniDecoder,
  CloudiniEncoder,
} from "../../../lib/points/cloudini/mod.ts";
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
    const due = await readReference(`${name}.decoded.f32`);
    assertEquals(data, due);
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
