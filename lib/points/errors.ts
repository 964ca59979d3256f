/** Why bytes could not be read as points. */
export type PointsErrorReason =
  /** The message has no bytes. */
  | "empty"
  /** The number of bytes doesn't fit the shape. */
  | "length"
  /** A header that can't be parsed, or that contradicts itself. */
  | "header"
  /** Well-formed, but not something this version reads. */
  | "unsupported"
  /** Larger than the receiver accepts. */
  | "too-large"
  /** A chunk that came before. */
  | "duplicate"
  /** A chunk that never came. */
  | "missing"
  /** A chunk of a frame that has been completed or given up. */
  | "stale"
  /** A text message where binary was due. */
  | "text";

/** Thrown for bytes that are not the points they should be. */
export class PointsError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "PointsError";

  /** Makes an error; `message` is a sentence that names what was found. */
  constructor(
    /** Which kind of mistake it is. */
    readonly reason: PointsErrorReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Thrown for a frame that is larger than the receiver takes. */
export class FrameSizeError extends PointsError {
  /** Makes an error; `message` is a sentence that names both sizes. */
  constructor(
    /** Which of its sizes is too large. */
    readonly what: "points" | "bytes",
    message: string,
  ) {
    super("too-large", message);
  }
}
