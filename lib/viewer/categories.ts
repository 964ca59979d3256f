/** Integers that name things: which of them do, and what they are called. */
import { isFloat, type PointField } from "../points/field.ts";
import { findIntensity } from "../points/meaning.ts";

/** Colours of the palette; more values than this share them. */
export const SLOTS = 24;

/** Most values of a field that isn't known by its name. */
const MOST_VALUES = 24;

/** Most values of a field that is: rings of a sensor, labels of a data set. */
const MOST_NAMED_VALUES = 256;

/** Fields that name things, whatever their type is. */
const NAMES =
  /^(scalar_)?(labels?|class(es|_?ids?)?|classification|category|ring|return_?number|number_?of_?returns|segment(_?id)?|cluster(_?id)?|instance(_?id)?)$/i;

const CLASSIFICATION = /^(scalar_)?classification$/i;

/** The standard classes of points (ASPRS LAS 1.4, table 17). */
const CLASSES = [
  ...["Never classified", "Unclassified", "Ground", "Low vegetation"],
  ...["Medium vegetation", "High vegetation", "Building", "Low point (noise)"],
  ...["Key point (reserved)", "Water", "Rail", "Road surface"],
  ...["Overlap (reserved)", "Wire guard", "Wire conductor"],
  ...["Transmission tower", "Wire connector", "Bridge deck", "High noise"],
];

/** One value of a field that names things. */
export interface Category {
  value: number;
  /** Its colour's place in the palette, below {@linkcode SLOTS}. */
  slot: number;
}

/** Tells whether a field holds the standard classes of points. */
export function isClassification(name: string): boolean {
  return CLASSIFICATION.test(name);
}

/** Names a value of a field: `6 Building`, or the number alone. */
export function nameCategory(field: string, value: number): string {
  const name = isClassification(field) ? CLASSES[value] : undefined;
  return name === undefined ? String(value) : `${value} ${name}`;
}

/**
 * The values of one field of a stream, each with a colour that it keeps. Once
 * there are too many of them it is no field that names things.
 */
export class Categories {
  /** Where the values are; its place in a point may change. */
  field: PointField;
  readonly #slots = new Map<number, number>();
  readonly #taken = new Set<number>();
  readonly #most: number;
  #isSound: boolean;
  #table: Uint8Array | undefined;
  #sorted: readonly Category[] = [];

  constructor(field: PointField, fields: readonly PointField[]) {
    this.field = field;
    const isNamed = NAMES.test(field.name);
    const isPossible = isNamed ||
      !isFloat(field.type) && findIntensity(fields) !== field;
    this.#isSound = isPossible;
    this.#most = isNamed ? MOST_NAMED_VALUES : MOST_VALUES;
  }

  /** Whether the field names things, as far as its values are known. */
  get isSound(): boolean {
    return this.#isSound;
  }

  /** The values so far, in order. */
  get list(): readonly Category[] {
    return this.#sorted;
  }

  /** Takes values of a cloud, in order. @returns whether it still `isSound`. */
  add(sorted: Float64Array): boolean {
    if (!this.#isSound) return false;
    let last: number | undefined;
    const known = this.#slots.size;
    for (const value of sorted) {
      if (value === last) continue;
      last = value;
      if (this.#slots.has(value)) continue;
      this.#slots.set(value, this.#take(value));
      this.#isSound = Number.isInteger(value) && this.#slots.size <= this.#most;
      if (!this.#isSound) return false;
    }
    if (this.#slots.size > known) this.#renew();
    return true;
  }

  /** Gives a value's colour, whether it was seen before or not. */
  slotOf(value: number): number {
    return this.#slots.get(value) ?? preferred(value);
  }

  /** The colours of 0 to 65,535. */
  get table(): Uint8Array {
    return this.#table ??= Uint8Array.from(
      { length: 0x10000 },
      (_, value) => this.slotOf(value),
    );
  }

  /** Small values have their own colours; others take what is left. */
  #take(value: number): number {
    let slot = preferred(value);
    if (this.#taken.size < SLOTS) {
      if (slot !== value || this.#taken.has(slot)) slot = 1;
      while (this.#taken.has(slot)) slot = (slot + 1) % SLOTS;
    }
    this.#taken.add(slot);
    return slot;
  }

  #renew(): void {
    this.#table = undefined;
    this.#sorted = [...this.#slots].map(([value, slot]) => ({ value, slot }))
      .sort((a, b) => a.value - b.value);
  }
}

function preferred(value: number): number {
  const slot = Math.abs(value) % SLOTS;
  return Number.isInteger(slot) ? slot : 0;
}
