import type { Pose } from "../points/cloud.ts";
import type { StreamPlace } from "../wire/messages.ts";
import {
  composePoses,
  IDENTITY,
  interpolatePoses,
  invertPose,
  isIdentity,
} from "./pose.ts";

/** Where a frame stands in its parent at a moment. */
export interface Transform {
  readonly parent: string;
  readonly child: string;
  /** Milliseconds since the Unix epoch. */
  readonly stamp: number;
  readonly pose: Pose;
}

/** Options of {@linkcode TransformTree}. */
export interface TransformTreeOptions {
  /**
   * The frame in which others are placed, where they hang together.
   * @default {the root above each}
   */
  fixedFrame?: string;
}

/** Frames that are remembered; transforms of more are left out. */
const MAX_FRAMES = 1_000;
/** How long a frame's way is remembered, milliseconds. */
const HISTORY_MS = 10_000;
/** Most moments of a frame, and of all. */
const MAX_MOMENTS = 1_000;
const MAX_ALL_MOMENTS = 100_000;

interface Moment {
  stamp: number;
  pose: Pose;
}

/** A frame: what it stands in, and its newest moments, in their order. */
interface Frame {
  parent: string;
  isStatic: boolean;
  moments: Moment[];
}

/** A frame, and where another stands in it. */
interface Standing {
  frame: string;
  pose: Pose;
}

/**
 * The frames of a robot, as its messages of transforms tell of them (tf2): each
 * stands in one parent, some always alike, others moving.
 *
 * It is bounded: 1,000 frames, and 10 seconds and 1,000 moments of each. A loop
 * or a parent that nobody tells of ends the way upward.
 */
export class TransformTree {
  readonly #fixedFrame: string | undefined;
  readonly #frames = new Map<string, Frame>();

  constructor({ fixedFrame }: TransformTreeOptions = {}) {
    this.#fixedFrame = fixedFrame === undefined
      ? undefined
      : plainName(fixedFrame);
  }

  /**
   * Adds what a message says.
   *
   * @param isStatic whether it holds for all times, as those of `/tf_static`.
   */
  add({ parent, child, stamp, pose }: Transform, isStatic: boolean): void {
    const name = plainName(child);
    const frame = this.#frameFor(name, plainName(parent), isStatic);
    if (frame === undefined) return;
    if (isStatic) {
      frame.moments = [{ stamp, pose }];
      return;
    }
    const { moments } = frame;
    const newest = moments.at(-1)?.stamp ?? stamp;
    // Time has gone back: a recording has begun again.
    if (stamp < newest - HISTORY_MS) moments.length = 0;
    let at = moments.length;
    while (at > 0 && moments[at - 1].stamp > stamp) at--;
    const isAgain = moments[at - 1]?.stamp === stamp;
    if (isAgain) moments[at - 1] = { stamp, pose };
    else moments.splice(at, 0, { stamp, pose });
    this.#forgetOld(moments);
  }

  /**
   * Returns where a frame stands at a moment: in the fixed frame where it hangs
   * together with that, else in the root above it. Between two moments that are
   * known it moves evenly; before the first and after the last it stands.
   *
   * @param stamp milliseconds since the Unix epoch.
   * @param inFrame where coordinates stand in that frame, where not in its
   * origin.
   */
  placeOf(frameId: string, stamp: number, inFrame = IDENTITY): StreamPlace {
    const name = plainName(frameId);
    const { frame: parent, pose } = this.#standing(name, stamp);
    const placed = composePoses(pose, inFrame);
    if (parent !== name) return { frameId: name, parent, pose: placed };
    return isIdentity(inFrame)
      ? { frameId: name }
      : { parent: name, pose: inFrame };
  }

  #standing(name: string, stamp: number): Standing {
    const above = this.#above(name, stamp);
    const root = above[above.length - 1];
    if (this.#fixedFrame === undefined) return root;
    const fixed = this.#above(this.#fixedFrame, stamp);
    for (const { frame, pose } of fixed) {
      const common = above.find((standing) => standing.frame === frame);
      if (common === undefined) continue;
      return {
        frame: this.#fixedFrame,
        pose: composePoses(invertPose(pose), common.pose),
      };
    }
    return root;
  }

  /** Where a frame stands in itself, its parent, and so on up to the root. */
  #above(name: string, stamp: number): Standing[] {
    const above: Standing[] = [{ frame: name, pose: IDENTITY }];
    const seen = new Set([name]);
    for (let at = name;;) {
      const frame = this.#frames.get(at);
      if (frame === undefined || seen.has(frame.parent)) return above;
      const { pose } = above[above.length - 1];
      at = frame.parent;
      seen.add(at);
      const own = poseAt(frame.moments, stamp);
      above.push({ frame: at, pose: composePoses(own, pose) });
    }
  }

  /** Finds or makes a frame; one that has a new parent begins anew. */
  #frameFor(
    name: string,
    parent: string,
    isStatic: boolean,
  ): Frame | undefined {
    const known = this.#frames.get(name);
    if (known?.parent === parent && known.isStatic === isStatic) return known;
    const isFull = known === undefined && this.#frames.size >= MAX_FRAMES;
    if (isFull || name === parent) return undefined;
    const frame: Frame = { parent, isStatic, moments: [] };
    this.#frames.set(name, frame);
    return frame;
  }

  #forgetOld(moments: Moment[]): void {
    const { stamp } = moments[moments.length - 1];
    const share = Math.floor(MAX_ALL_MOMENTS / this.#frames.size);
    const most = Math.min(MAX_MOMENTS, share);
    const first = moments.findIndex((moment) =>
      moment.stamp >= stamp - HISTORY_MS
    );
    const old = Math.max(first, moments.length - most);
    if (old > 0) moments.splice(0, old);
  }
}

function poseAt(moments: readonly Moment[], stamp: number): Pose {
  let low = 0, high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle].stamp <= stamp) low = middle + 1;
    else high = middle;
  }
  const before = moments[low - 1], after = moments[low];
  if (before === undefined) return after.pose;
  if (after === undefined) return before.pose;
  const share = (stamp - before.stamp) / (after.stamp - before.stamp);
  return interpolatePoses(before.pose, after.pose, share);
}

/** tf's first version began names of frames with a slash. */
function plainName(frame: string): string {
  return frame.replace(/^\//, "");
}
