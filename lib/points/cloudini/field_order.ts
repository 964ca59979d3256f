import type { PointField } from "../field.ts";
import type { CloudiniField } from "./info.ts";
import { isLeadingCount } from "./rules.ts";

/**
 * Adds steps to fields, and puts the float32 fields that have some first where
 * they are written together then, which is faster. In this order fields are
 * written down; how they lie is said by offsets.
 *
 * @param steps units for one step, float32, by name.
 */
export function orderFields(
  fields: readonly PointField[],
  steps: Readonly<Record<string, number>>,
): CloudiniField[] {
  const stepped: CloudiniField[] = fields.map(({ name, type, offset }) =>
    Object.hasOwn(steps, name)
      ? { name, type, offset, resolution: steps[name] }
      : { name, type, offset }
  );
  const isLeading = ({ type, resolution }: CloudiniField) =>
    type === "float32" && resolution !== undefined;
  const leading = stepped.filter(isLeading);
  return isLeadingCount(leading.length)
    ? [...leading, ...stepped.filter((field) => !isLeading(field))]
    : stepped;
}
