import { pointCloud } from "../../../lib/points/cloud.ts";
import {
  CloudiniDecoder,
  CloudiniEncoder,
} from "../../../lib/points/cloudini/mod.ts";
import { zstdCompress, zstdDecompress } from "../../../lib/points/zstd/zstd.ts";

export function encoder(resolution?: number): CloudiniEncoder {
  return new CloudiniEncoder({ resolution, zstd: zstdCompress });
}

export function plainEncoder(resolution?: number): CloudiniEncoder {
  return new CloudiniEncoder({ resolution, compression: "none" });
}

export function decoder(): CloudiniDecoder {
  return new CloudiniDecoder({ zstd: zstdDecompress });
}

/** A cloud of `points` points that wander as a scan's do. */
export function wander(points: number, fields = ["x", "y", "z"]) {
  const values = new Float32Array(points * fields.length);
  for (let i = 0; i < values.length; i++) {
    const turn = i / fields.length * 0.003;
    values[i] = 10 * Math.sin(turn + i % fields.length) +
      0.01 * (i * 7919 % 13);
  }
  return pointCloud(values, fields);
}

/** A Cloudini buffer of a header's text and chunks. */
export function assemble(text: string, chunks: Uint8Array[]): Uint8Array {
  const parts = [
    new TextEncoder().encode(text + "\0"),
    ...chunks.flatMap((chunk) => [
      new Uint8Array(Uint32Array.of(chunk.length).buffer),
      chunk,
    ]),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The text of a header as the reference writes it, for x, y, z. */
export function headerText(
  changes: { [key: string]: string | undefined } = {},
): string {
  const lines = {
    magic: "CLOUDINI_V05",
    version: "version: 5",
    width: "width: 1",
    height: "height: 1",
    point_step: "point_step: 12",
    encoding: "encoding_opt: LOSSY",
    compression: "compression_opt: NONE",
    fields: "fields:",
    ...Object.fromEntries(
      ["x", "y", "z"].map((name, i) => [
        name,
        `  - name: ${name}\n    offset: ${4 * i}\n    type: FLOAT32\n` +
        "    resolution: 0.001",
      ]),
    ),
    ...changes,
  };
  return Object.values(lines).filter((line) => line !== undefined)
    .map((line) => line + "\n").join("");
}
