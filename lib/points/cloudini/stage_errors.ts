import { PointsError } from "../errors.ts";

/** Makes the error for a chunk with too few bytes. */
export function cutOff(): PointsError {
  return new PointsError(
    "length",
    "Cannot read Cloudini: a chunk ends before its last point",
  );
}

/** Makes the error for a varint that isn't the shortest. */
export function overlong(): PointsError {
  return new PointsError(
    "header",
    "Cannot read Cloudini: a varint is longer than its value needs",
  );
}

/** Makes the error for bytes that no encoder writes. */
export function damaged(what: string): PointsError {
  return new PointsError("header", `Cannot read Cloudini: ${what}`);
}
