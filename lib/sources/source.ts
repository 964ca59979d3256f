import type { PointCloud } from "../points/cloud.ts";

/** Where clouds come from, one for each frame. */
export interface PointSource extends Partial<AsyncDisposable> {
  /** Clouds that could not be read, and were passed over. */
  readonly skipped?: number;
  /**
   * Gives the cloud of one frame, in a buffer that nobody changes later, or
   * nothing when there are no more.
   *
   * @param frame the frame's number, counting up from 0.
   * @param seconds the frame's time since frame 0, by the rate.
   */
  next(
    frame: number,
    seconds: number,
  ): PointCloud | undefined | Promise<PointCloud | undefined>;
}
