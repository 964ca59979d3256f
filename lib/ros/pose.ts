/** Poses, as transforms between frames. */
import type { Pose } from "../points/cloud.ts";

type Vector = Pose["translation"];
type Quaternion = Pose["rotation"];

/** The pose of a frame in itself. */
export const IDENTITY: Pose = {
  translation: [0, 0, 0],
  rotation: [0, 0, 0, 1],
};

/** Below this angle's cosine, a straight line is as good as an arc. */
const NEARLY_ONE = 0.9995;

/** Makes a pose of numbers; nothing where they are none. */
export function poseFrom(
  { x, y, z }: { x: number; y: number; z: number },
  rotation: { x: number; y: number; z: number; w: number },
): Pose | undefined {
  const q = [rotation.x, rotation.y, rotation.z, rotation.w] as const;
  const length = Math.hypot(...q);
  if (![x, y, z, length].every(Number.isFinite)) return undefined;
  // Protocol Buffers leave zeros out, and so all of a rotation that isn't set.
  if (length === 0) {
    return { translation: [x, y, z], rotation: IDENTITY.rotation };
  }
  return { translation: [x, y, z], rotation: normalize(q) };
}

/** Tells whether a pose moves and turns nothing. */
export function isIdentity({ translation, rotation }: Pose): boolean {
  return translation.every((n) => n === 0) && Math.abs(rotation[3]) === 1;
}

/** Returns where `inner` stands, which stands in `outer`. */
export function composePoses(outer: Pose, inner: Pose): Pose {
  const [x, y, z] = rotate(outer.rotation, inner.translation);
  const [tx, ty, tz] = outer.translation;
  return {
    translation: [tx + x, ty + y, tz + z],
    rotation: normalize(multiply(outer.rotation, inner.rotation)),
  };
}

/** Returns where the outer frame stands in the inner one. */
export function invertPose({ translation, rotation }: Pose): Pose {
  const [x, y, z, w] = rotation;
  const back: Quaternion = [-x, -y, -z, w];
  const [tx, ty, tz] = rotate(back, translation);
  return { translation: [-tx, -ty, -tz], rotation: back };
}

/**
 * Returns a pose on the way from one to another: straight on, and turning at
 * one rate about one axis (slerp).
 *
 * @param share how much of the way, from 0 to 1.
 */
export function interpolatePoses(from: Pose, to: Pose, share: number): Pose {
  const at = (i: 0 | 1 | 2) =>
    from.translation[i] + (to.translation[i] - from.translation[i]) * share;
  return {
    translation: [at(0), at(1), at(2)],
    rotation: slerp(from.rotation, to.rotation, share),
  };
}

function slerp(a: Quaternion, b: Quaternion, share: number): Quaternion {
  const dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  // q and -q are one rotation: the shorter way is taken.
  const sign = dot < 0 ? -1 : 1;
  const cosine = Math.min(1, Math.abs(dot));
  let [wa, wb] = [1 - share, share * sign];
  if (cosine < NEARLY_ONE) {
    const angle = Math.acos(cosine);
    wa = Math.sin((1 - share) * angle) / Math.sin(angle);
    wb = sign * Math.sin(share * angle) / Math.sin(angle);
  }
  const mix = (i: 0 | 1 | 2 | 3) => wa * a[i] + wb * b[i];
  return normalize([mix(0), mix(1), mix(2), mix(3)]);
}

function multiply(
  [ax, ay, az, aw]: Quaternion,
  [bx, by, bz, bw]: Quaternion,
): Quaternion {
  return [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
}

function rotate([qx, qy, qz, qw]: Quaternion, [x, y, z]: Vector): Vector {
  const tx = 2 * (qy * z - qz * y);
  const ty = 2 * (qz * x - qx * z);
  const tz = 2 * (qx * y - qy * x);
  return [
    x + qw * tx + qy * tz - qz * ty,
    y + qw * ty + qz * tx - qx * tz,
    z + qw * tz + qx * ty - qy * tx,
  ];
}

function normalize([x, y, z, w]: Quaternion): Quaternion {
  const length = Math.hypot(x, y, z, w);
  return [x / length, y / length, z / length, w / length];
}
