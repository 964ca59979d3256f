/** The header that ROS's messages of sensors have (std_msgs/Header). */
export interface RosHeader {
  /** Milliseconds since the Unix epoch. */
  stamp: number;
  /** The coordinate frame (REP 105). */
  frameId: string;
}

/**
 * Reads the values of a ROS message one after the other, whichever way it was
 * serialised. Each throws a {@linkcode PointsError} that names the byte where
 * the message ends before its value.
 */
export interface RosReader {
  /** Bytes that are not read yet. */
  readonly rest: number;
  uint8(): number;
  int32(): number;
  uint32(): number;
  float32(): number;
  float64(): number;
  string(): string;
  /** Reads a sequence of bytes, as a view. */
  byteSequence(): Uint8Array;
  float32Sequence(): Float32Array;
  float64Sequence(): Float64Array;
  /** Reads a moment, milliseconds since the Unix epoch. */
  time(): number;
  header(): RosHeader;
}
