/** What points can be coloured by, and what is chosen of it. */
import type { CloudShape } from "../points/cloud.ts";
import { type PointField, XYZ } from "../points/field.ts";
import {
  type ColorFields,
  findColor,
  findIntensity,
} from "../points/meaning.ts";

/** Ways to colour that every cloud has. */
const OF_PLACE = ["height", "distance", "plain", "stream"] as const;
type OfPlace = typeof OF_PLACE[number];

/** What decides the colours of a cloud's points. */
export type ColorBy =
  | { kind: "rgb"; color: ColorFields }
  | { kind: OfPlace }
  | { kind: "field"; field: PointField };

/**
 * Names a choice of the user's: `rgb`, `height`, `distance`, `plain`, `stream`
 * (a colour each), or `field:` and a field's name, which may be any.
 */
export type ColorChoice = string;

const FIELD = "field:";

/** One entry of the list of choices. */
export interface ColorEntry {
  choice: ColorChoice;
  label: string;
}

/** What can be chosen for a cloud. */
export interface ColorEntries {
  /** Ways of which each has a meaning of its own. */
  ways: ColorEntry[];
  /** The fields that are numbers, intensity first. */
  fields: ColorEntry[];
}

/**
 * Lists what the points of a cloud with these fields can be coloured by.
 *
 * @param areSeveral whether it is one stream of several, which colours tell
 * apart. @default {false}
 */
export function listColors(
  fields: readonly PointField[],
  areSeveral = false,
): ColorEntries {
  const ofPlace = OF_PLACE.filter((choice) => areSeveral || choice !== "stream")
    .map((choice) => ({
      choice,
      label: choice[0].toUpperCase() + choice.slice(1),
    }));
  const color = findColor(fields);
  const ways = color === undefined
    ? ofPlace
    : [{ choice: "rgb", label: "Colour" }, ...ofPlace];
  const bits = color?.kind === "packed" ? color.field.name : undefined;
  const intensity = findIntensity(fields);
  const scalars = fields.filter((field) =>
    field !== intensity && field.name !== bits && !XYZ.includes(field.name)
  );
  const all = intensity === undefined ? scalars : [intensity, ...scalars];
  return {
    ways,
    fields: all.map(({ name }) => ({ choice: FIELD + name, label: name })),
  };
}

/**
 * Decides what a cloud is coloured by: as the user has chosen, where the cloud
 * has that; else its own colours, or its height.
 */
export function chooseColor(
  { fields }: Pick<CloudShape, "fields">,
  choice: ColorChoice | undefined,
): ColorBy {
  const ofPlace = OF_PLACE.find((kind) => kind === choice);
  if (ofPlace !== undefined) return { kind: ofPlace };
  if (choice?.startsWith(FIELD)) {
    const name = choice.slice(FIELD.length);
    const field = fields.find((field) => field.name === name);
    if (field !== undefined) return { kind: "field", field };
  }
  const color = findColor(fields);
  return color === undefined ? { kind: "height" } : { kind: "rgb", color };
}

/** Names what a cloud is coloured by, as a choice. */
export function choiceOf(by: ColorBy): ColorChoice {
  return by.kind === "field" ? FIELD + by.field.name : by.kind;
}
