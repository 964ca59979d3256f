/** Where clouds come from. */
export interface PointSource {
  /** Points of each cloud. */
  readonly points: number;
  /**
   * Gives the cloud of one frame: float32 values, shape (points, 3), C order,
   * in a buffer that the source doesn't touch again.
   */
  next(frame: number): Float32Array;
}
