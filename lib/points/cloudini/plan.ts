/** How a cloud's fields are to be written: in what order, with what steps. */
import type { PointCloud } from "../cloud.ts";
import { isFloat, type PointField, XYZ } from "../field.ts";
import { findExactSteps } from "./exact_steps.ts";
import type { CloudiniEncoding, CloudiniField } from "./info.ts";

/** The steps that are asked for. */
export interface AskedSteps {
  /** Units for one step of x, y and z. */
  resolution: number;
  /** The same of other fields by name; or of x, y, z. */
  resolutions: Readonly<Record<string, number>>;
  /** Factor of all of them. */
  factor: number;
  /** Names of fields that have none. @default {[]} */
  exact?: readonly string[];
}

/** Plans the fields of clouds, one after the other. */
export class FieldPlanner {
  readonly #encoding: CloudiniEncoding;
  readonly #asked: AskedSteps;

  constructor(encoding: CloudiniEncoding, asked: AskedSteps) {
    this.#encoding = encoding;
    this.#asked = asked;
  }

  /**
   * Gives a cloud's fields in the order in which they are written.
   *
   * @param exact names of fields that are not to have steps.
   */
  plan(cloud: PointCloud, exact: ReadonlySet<string>): CloudiniField[] {
    const fields = cloud.fields.map((field): CloudiniField => {
      const resolution = exact.has(field.name)
        ? undefined
        : this.#stepOf(cloud, field);
      return resolution === undefined ? field : {
        ...field,
        resolution: Math.fround(resolution),
      };
    });
    return this.#encoding === "lossy" ? orderFields(fields) : fields;
  }

  /** Units for one step that was asked for, of each field that has one. */
  askedSteps(fields: readonly CloudiniField[]): Record<string, number> {
    return Object.fromEntries(fields.flatMap((field) => {
      const step = this.#askedStep(field);
      return step === undefined || field.resolution === undefined
        ? []
        : [[field.name, step]];
    }));
  }

  #stepOf(cloud: PointCloud, field: PointField): number | undefined {
    if (this.#encoding !== "lossy") return undefined;
    const asked = this.#askedStep(field);
    if (asked !== undefined || !isFloat(field.type)) return asked;
    return findExactSteps(cloud, field);
  }

  #askedStep({ name, type }: PointField): number | undefined {
    const { resolution, resolutions, factor, exact = [] } = this.#asked;
    if (!isFloat(type) || this.#encoding !== "lossy") return undefined;
    if (exact.includes(name)) return undefined;
    if (Object.hasOwn(resolutions, name)) return resolutions[name] * factor;
    return XYZ.includes(name) ? resolution * factor : undefined;
  }
}

/** Float32 fields with steps that are written together, at the most. */
const MAX_LEADING = 4;

/**
 * Puts first what is written together, 3 or 4 float32 fields with steps, and
 * the others behind, so that no fifth one follows them at once: 5 in a row are
 * written each alone.
 */
function orderFields(fields: readonly CloudiniField[]): CloudiniField[] {
  const hasSteps = ({ type, resolution }: CloudiniField) =>
    type === "float32" && resolution !== undefined;
  const isPosition = ({ name }: CloudiniField) => XYZ.includes(name);
  const stepped = fields.filter(hasSteps);
  const others = fields.filter((field) => !hasSteps(field));
  if (stepped.length <= MAX_LEADING) return [...stepped, ...others];
  const positions = stepped.filter(isPosition);
  const more = stepped.filter((field) => !isPosition(field));
  return [...positions, ...others, ...more];
}
