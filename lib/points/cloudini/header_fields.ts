import { checkFields } from "../cloud.ts";
import { typeBytes } from "../field.ts";
import type { CloudiniInfo } from "./info.ts";
import { malformed, quote, unsupported } from "./header_errors.ts";

/** The most fields of a point, and of a header. */
export const MAX_FIELDS = 1024;

/** The most characters of a field's name. */
export const MAX_NAME_CHARACTERS = 255;

// A padded point is as small in a buffer as one without padding, so that
// padding has a bound: it would be memory for nothing.
const MAX_PADDING_RATIO = 16;
const FREE_PADDING_BYTES = 256;

/**
 * Checks that fields lie apart from each other and within their point.
 *
 * @throws {PointsError} `header`, or `unsupported` for too much padding.
 */
export function checkCloudiniFields({ fields, stride }: CloudiniInfo): void {
  if (fields.length > MAX_FIELDS) {
    throw unsupported(
      `${fields.length} fields, expected at most ${MAX_FIELDS}`,
    );
  }
  const long = fields.find(({ name }) => name.length > MAX_NAME_CHARACTERS);
  if (long !== undefined) throw malformed(`a long name, ${quote(long.name)}`);
  checkFields(fields, stride);
  let bytes = 0, end = 0;
  for (const field of fields.toSorted((a, b) => a.offset - b.offset)) {
    if (field.offset < end) {
      throw malformed(`field ${quote(field.name)} overlaps another`);
    }
    bytes += typeBytes(field.type);
    end = field.offset + typeBytes(field.type);
  }
  if (stride > bytes * MAX_PADDING_RATIO + FREE_PADDING_BYTES) {
    throw unsupported(`points of ${stride} bytes with ${bytes} of values`);
  }
}
