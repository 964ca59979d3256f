/** Fields, as they are named on a command line. */
import { PointsError } from "../points/errors.ts";
import { type NamedType, parseFieldList } from "../points/field.ts";
import { UsageError } from "./options.ts";

/** The option of all programs that read points. */
export const FIELDS_OPTION = {
  fields: {
    type: "text",
    help: "Fields to take, such as x,y,z (all that there are); of raw points " +
      "and text what they are, with types: x,y,z,ring:u2",
  },
} as const;

/**
 * Reads the fields that are asked for, where some are.
 *
 * @throws {UsageError} for a list that can't be read.
 */
export function readFields(
  text: string | undefined,
): NamedType[] | undefined {
  try {
    return text === undefined ? undefined : parseFieldList(text);
  } catch (error) {
    if (!(error instanceof PointsError)) throw error;
    throw new UsageError(`--fields: ${error.message}`);
  }
}
