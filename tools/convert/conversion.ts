/** A cloud as a file's bytes, and what became of it, before it is written. */
import { findField, type PointCloud } from "../../lib/points/cloud.ts";
import {
  compareClouds,
  type FieldComparison,
} from "../../lib/points/compare.ts";
import { PointsError } from "../../lib/points/errors.ts";
import { isFloat, XYZ } from "../../lib/points/field.ts";
import {
  decodeFile,
  encodeFile,
  type EncodeFileOptions,
  lossesOf,
} from "../../lib/points/formats.ts";
import { axisOf } from "../../lib/points/las/axis.ts";
import { spellForLas } from "../../lib/points/las/layout.ts";
import { spellAlike } from "./spelling.ts";

/** What a file will be, and what it won't hold. */
export interface Conversion {
  /** The file. */
  bytes: Uint8Array;
  /** What is read from it. */
  cloud: PointCloud;
  /** The fields that it has, compared with those of before. */
  fields: FieldComparison[];
  /** Sentences: what of the cloud it doesn't hold. */
  losses: string[];
}

/**
 * Writes a cloud as a file in memory, reads it again and compares.
 *
 * @param name the file's: its extension says the format.
 * @throws {PointsError} for what the format can't hold at all, or where what is
 * read is not what was to be written.
 */
export async function convertCloud(
  name: string,
  before: PointCloud,
  options: EncodeFileOptions,
): Promise<Conversion> {
  const said = lossesOf(name, before, options);
  const bytes = encodeFile(name, before, options);
  const cloud = await decodeFile(name, bytes);
  const source = isLas(name) ? spellForLas(before) : spellAlike(before, cloud);
  const compared = compareClouds(source, cloud, stepsOf(name, source, options));
  const fields = compared.filter(({ name }) => findField(cloud, name));
  checkValues(source, cloud, fields);
  return { bytes, cloud, fields, losses: allLosses(said, source, cloud) };
}

function isLas(name: string): boolean {
  return /\.las$/i.test(name);
}

/** Units for one step of the fields that a format rounds. */
function stepsOf(
  name: string,
  cloud: PointCloud,
  { resolution, resolutions }: EncodeFileOptions,
): Record<string, number> {
  const { fields } = cloud;
  if (isLas(name) && resolution !== undefined) {
    return Object.fromEntries(
      XYZ.map((axis) => [axis, axisOf(cloud, axis, resolution).scale]),
    );
  }
  if (!/\.cloudini$/i.test(name)) return {};
  const steps = new Map(Object.entries(resolutions ?? {}));
  for (const { name, type } of fields) {
    const isRounded = XYZ.includes(name) && isFloat(type) && !steps.has(name);
    if (isRounded && resolution !== undefined) steps.set(name, resolution);
  }
  return Object.fromEntries(steps);
}

/** A value of the same type that is another number is a mistake of ours. */
function checkValues(
  before: PointCloud,
  after: PointCloud,
  fields: readonly FieldComparison[],
): void {
  for (const { name, isWithin, maxError } of fields) {
    const isRetyped = findField(before, name)?.type !==
      findField(after, name)?.type;
    if (isWithin || isRetyped || maxError === 0) continue;
    throw new PointsError(
      "unsupported",
      `${name} comes back from the file with an error of ${maxError}: this ` +
        "cloud can't be written so; another format may hold it",
    );
  }
}

/** Adds what the format doesn't say itself, so that nothing goes unsaid. */
function allLosses(
  said: readonly string[],
  before: PointCloud,
  after: PointCloud,
): string[] {
  const isSaid = (word: string) =>
    said.some((sentence) => sentence.split(/[\s,:]+/).includes(word));
  const losses = [...said];
  for (const { name, type } of before.fields) {
    const field = findField(after, name);
    if (isSaid(name) || field?.type === type) continue;
    // A wider type holds each value.
    if (type === "float32" && field?.type === "float64") continue;
    losses.push(
      field === undefined
        ? `The file can't hold ${name}`
        : `The file holds ${name} as ${field.type}, not as ${type}`,
    );
  }
  if (after.height !== before.height && !isSaid("rows")) {
    losses.push(
      `The file can't hold the ${before.height} rows of ${before.width} points`,
    );
  }
  const hasLostPose = before.viewpoint !== undefined &&
    JSON.stringify(before.viewpoint) !== JSON.stringify(after.viewpoint);
  if (hasLostPose && !isSaid("viewpoint")) {
    losses.push("The file can't hold the viewpoint");
  }
  return losses;
}
