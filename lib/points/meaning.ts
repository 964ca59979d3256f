/** What fields mean, however they are spelled: colour and intensity. */
import type { PointField } from "./field.ts";

/** Where a cloud's colour is. */
export type ColorFields =
  /**
   * 0xAARRGGBB in the 32 bits of a field, whatever its type: the bytes are
   * blue, green, red, alpha. The alpha of `rgb` means nothing.
   */
  | { kind: "packed"; field: PointField; hasAlpha: boolean }
  /** A field for each. Floats are from 0 to 1, integers fill their type. */
  | {
    kind: "channels";
    red: PointField;
    green: PointField;
    blue: PointField;
    alpha?: PointField;
  };

const CHANNELS = [
  ["red", "green", "blue", "alpha"],
  ["r", "g", "b", "a"],
  ["diffuse_red", "diffuse_green", "diffuse_blue", "diffuse_alpha"],
];

const INTENSITY = new Set([
  ...["intensity", "intensities", "scalar_intensity", "reflectivity"],
  ...["reflectance", "remission", "signal", "i"],
]);

/** Finds the colour among fields, whatever the case of their names. */
export function findColor(
  fields: readonly PointField[],
): ColorFields | undefined {
  const find = (name: string) =>
    fields.find((field) => field.name.toLowerCase() === name);
  for (const name of ["rgb", "rgba"]) {
    const field = find(name);
    if (field !== undefined && /32$/.test(field.type)) {
      return { kind: "packed", field, hasAlpha: name === "rgba" };
    }
  }
  for (const names of CHANNELS) {
    const [red, green, blue, alpha] = names.map(find);
    if (red === undefined || green === undefined || blue === undefined) {
      continue;
    }
    const isAlike = red.type === green.type && red.type === blue.type;
    if (!isAlike) continue;
    return alpha === undefined
      ? { kind: "channels", red, green, blue }
      : { kind: "channels", red, green, blue, alpha };
  }
}

/** Finds the strength of what came back among fields. */
export function findIntensity(
  fields: readonly PointField[],
): PointField | undefined {
  return fields.find(({ name }) => INTENSITY.has(name.toLowerCase()));
}
