/** Real points as they go over the wire and into files. */
import { type PointCloud, pointCloud } from "../../lib/points/cloud.ts";
import { createEncoder } from "../../lib/points/codecs.ts";
import { FRAME_CODECS, type FrameCodec } from "../../lib/points/codec.ts";
import { splitFrame } from "../../lib/wire/frame.ts";
import { typedCloud } from "../points/file_clouds.ts";

/** A spiral: small, and like a scan's neighbours its points are close. */
export function spiral(points: number, fields = ["x", "y", "z"]): PointCloud {
  const values = new Float32Array(points * fields.length);
  for (let i = 0; i < points; i++) {
    const turn = i / 30;
    values.set(
      [Math.cos(turn) * turn, Math.sin(turn) * turn, i / 100],
      i * fields.length,
    );
  }
  return pointCloud(values, fields);
}

const CLOUDS = [
  spiral(0),
  spiral(1),
  spiral(60),
  spiral(700),
  spiral(50, ["x", "y", "z", "intensity"]),
  typedCloud(
    "x,y,z,rgb:u4,ring:u2,t:f8,id:i8",
    Array.from({ length: 40 }, (_, i) => [
      ...[i / 8, -i, i % 3, 0xff8000 + i, i % 16, 1e9 + i * 1e-4],
      BigInt(i) << 40n,
    ]),
  ),
];

/** Clouds as a codec encodes them. */
export function encodedClouds(codec: FrameCodec): Uint8Array[] {
  const encoders = [
    createEncoder(codec),
    createEncoder(codec, { resolution: 0.01, compression: "none" }),
    createEncoder(codec, { resolution: 0.01, compression: "lz4" }),
  ];
  return encoders.flatMap((encoder) =>
    CLOUDS.map((cloud) => encoder.encode(cloud).bytes.slice())
  );
}

/** Messages of a `pointwire.v1` channel: frames in one chunk and in several. */
export function frameMessages(): Uint8Array[] {
  let number = 0;
  return FRAME_CODECS.flatMap((codec) => {
    const encoder = createEncoder(codec);
    return CLOUDS.flatMap((cloud) => {
      const { bytes, codec } = encoder.encode(cloud);
      const info = {
        number: number++,
        codec,
        points: cloud.points,
        captureTime: 1,
      };
      return [16_356, 600].flatMap((most) => [
        ...splitFrame(bytes, info, most),
      ]);
    });
  });
}
