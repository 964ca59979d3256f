import { select, type Selection, selectionKey } from "../points/select.ts";
import { MIN_POINT_SHARE, thin } from "../points/thin.ts";
import type { PointCloud } from "../points/cloud.ts";
import { encodeLike, isRounded } from "../wire/encode_like.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { FrameReader } from "../wire/frame_reader.ts";

/** Least share of a frame's points, as a power of one half. */
const MAX_HALVINGS = Math.log2(1 / MIN_POINT_SHARE);

/** Selections that frames are made for at once: each costs an encoding. */
export const MAX_SELECTIONS = 4;

/** How much of a frame is wanted. */
export interface FrameLevel {
  /** Share of its points, up to 1. */
  pointShare: number;
  /** What its steps are multiplied by, where it has any. @default {1} */
  resolutionFactor?: number;
}

/** Thrown where parts of frames are made for as many selections as may be. */
export class SelectionsError extends Error {
  override readonly name = "SelectionsError";
  constructor() {
    super(
      `Watchers of this session have ${MAX_SELECTIONS} selections (fields, ` +
        "every, box) already: take one of theirs, or all of it",
    );
  }
}

/** A selection that frames are made for, until it is disposed of. */
export interface OpenSelection extends Disposable {
  readonly selection: Selection;
  /** The same for the same selections. */
  readonly key: string;
}

/**
 * Makes parts of frames: coarser steps and fewer points, for receivers that
 * can't take all, and what a receiver asks for alone. Each is made once for
 * each level and selection, however many receivers want it.
 */
export class FrameThinner {
  readonly #thinned = new WeakMap<EncodedFrame, Map<string, EncodedFrame>>();
  readonly #rounded = new WeakMap<EncodedFrame, boolean>();
  readonly #reader = new FrameReader("");
  /** What was decoded last. */
  #decoded: { frame: EncodedFrame; cloud: PointCloud } | undefined;
  /** How many receivers have each selection. */
  readonly #open = new Map<string, number>();

  /**
   * Notes that a receiver wants a selection alone.
   *
   * @throws {SelectionsError} where others want too many other ones.
   */
  open(selection: Selection): OpenSelection {
    const key = selectionKey(selection);
    const count = this.#open.get(key) ?? 0;
    if (count === 0 && this.#open.size >= MAX_SELECTIONS) {
      throw new SelectionsError();
    }
    this.#open.set(key, count + 1);
    const life = new DisposableStack();
    life.defer(() => this.#close(key));
    return { selection, key, [Symbol.dispose]: () => life.dispose() };
  }

  /**
   * Tells whether a frame's steps may be coarser.
   *
   * @throws {PointsError} for a frame that can't be decoded.
   */
  isRounded(frame: EncodedFrame): boolean {
    let known = this.#rounded.get(frame);
    if (known === undefined) {
      this.#rounded.set(frame, known = isRounded(frame));
    }
    return known;
  }

  /**
   * Keeps a share of a frame's points, spread evenly, in the same codec.
   *
   * @param level its share is taken down to a power of one half, from 1 to
   * 1/256.
   * @param wanted of which points and fields; all where nothing is said.
   * @returns the frame itself for all of it.
   * @throws {PointsError} for a frame that can't be decoded.
   */
  thin(
    frame: EncodedFrame,
    level: FrameLevel,
    wanted?: OpenSelection,
  ): EncodedFrame {
    const halvings = Math.min(
      Math.ceil(Math.log2(1 / level.pointShare) - 1e-9),
      MAX_HALVINGS,
    );
    const factor = this.isRounded(frame) ? level.resolutionFactor ?? 1 : 1;
    if (halvings <= 0 && factor === 1 && wanted === undefined) return frame;
    let known = this.#thinned.get(frame);
    if (known === undefined) this.#thinned.set(frame, known = new Map());
    const key = `${halvings} ${factor} ${wanted?.key ?? ""}`;
    let thinned = known.get(key);
    if (thinned === undefined) {
      const all = this.#decode(frame);
      const part = select(all, wanted?.selection ?? {});
      const kept = thin(part, 2 ** -halvings);
      const isAll = kept === all && factor === 1;
      thinned = isAll ? frame : encodeLike(frame, kept, factor);
      known.set(key, thinned);
    }
    return thinned;
  }

  /** Several levels of one frame are made in a row. */
  #decode(frame: EncodedFrame): PointCloud {
    if (this.#decoded?.frame !== frame) {
      this.#decoded = undefined;
      this.#decoded = { frame, cloud: this.#reader.decode(frame) };
    }
    return this.#decoded.cloud;
  }

  #close(key: string): void {
    const count = this.#open.get(key) ?? 0;
    if (count > 1) this.#open.set(key, count - 1);
    else this.#open.delete(key);
  }
}
