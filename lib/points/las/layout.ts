/** Which of a LAS file's fields a cloud's become. */
import { findField, type PointCloud, viewOf } from "../cloud.ts";
import { numberReader, type PointField, XYZ } from "../field.ts";
import { findColor } from "../meaning.ts";
import { uniqueNames } from "../records/record.ts";
import { LAS_COLOR, type LasField, lasFields } from "./record.ts";

/** Chooses the format of points, and where each field of a cloud goes. */
export function layoutOf(cloud: PointCloud) {
  const { fields } = cloud;
  const colors = colorOf(fields);
  const format = colors === undefined ? 6 : 7;
  const standard = lasFields(format);
  const copied = standard.fields.filter((field) =>
    !XYZ.includes(field.name) && !LAS_COLOR.includes(field.name) &&
    isHeld(cloud, field)
  );
  const taken = [...XYZ, ...copied.map(({ name }) => name)];
  const extra = fields.filter((field) =>
    !taken.includes(field.name) && !colors?.fields.includes(field)
  );
  const names = uniqueNames([...standard.fields, ...extra].map((f) => f.name))
    .slice(standard.fields.length);
  return { format, standard, copied, colors, extra, names };
}

/** Tells whether a field of LAS's own holds what a cloud has of that name. */
function isHeld(cloud: PointCloud, { name, type, bits }: LasField): boolean {
  const source = findField(cloud, name);
  if (source?.type !== type) return false;
  if (bits === undefined) return true;
  const { data, points, stride } = cloud;
  for (let i = 0, at = source.offset; i < points; i++, at += stride) {
    if (data[at] > bits.mask) return false;
  }
  return true;
}

/**
 * Spells a cloud as a file has it: the points that have a place, colour as
 * `red green blue`, and a number after a name that LAS has for something else.
 *
 * @returns a view of the same data, or of what is left of it.
 */
export function spellForLas(cloud: PointCloud): PointCloud {
  const placed = placedPoints(cloud);
  const { colors, extra, names } = layoutOf(placed);
  const kept = placed.fields.filter((field) => !colors?.fields.includes(field))
    .map((field) => {
      const at = extra.indexOf(field);
      return at < 0 ? field : { ...field, name: names[at] };
    });
  const channels = colors?.channels.map(({ offset, bytes }, i): PointField => ({
    name: LAS_COLOR[i],
    type: bytes === 1 ? "uint8" : "uint16",
    offset,
  })) ?? [];
  return { ...placed, fields: [...kept, ...channels] };
}

/** A channel of colour: a byte, or two. */
export interface Channel {
  offset: number;
  bytes: 1 | 2;
}

/** Finds colour whose bits LAS can hold, and the fields that it is in. */
function colorOf(
  fields: readonly PointField[],
): { fields: PointField[]; channels: Channel[] } | undefined {
  const color = findColor(fields);
  if (color === undefined) return undefined;
  if (color.kind === "packed") {
    const { field, hasAlpha } = color;
    const channels = [2, 1, 0].map((byte): Channel => ({
      offset: field.offset + byte,
      bytes: 1,
    }));
    // Its alpha has no place but its own.
    return { fields: hasAlpha ? [] : [field], channels };
  }
  const { red, green, blue } = color;
  const bytes = red.type === "uint8" ? 1 : red.type === "uint16" ? 2 : 0;
  if (bytes === 0) return undefined;
  const all = [red, green, blue];
  return {
    fields: all,
    channels: all.map(({ offset }) => ({ offset, bytes })),
  };
}

/** Leaves out what has no place: LAS has no number that says so. */
export function placedPoints(cloud: PointCloud): PointCloud {
  const view = viewOf(cloud);
  const { stride, points, data } = cloud;
  const readers = XYZ.map((name) => {
    const { type, offset } = findField(cloud, name)!;
    const read = numberReader(type);
    return (at: number) => read(view, at + offset);
  });
  const isPlaced = (i: number) =>
    readers.every((read) => Number.isFinite(read(i * stride)));
  const kept = Array.from({ length: points }, (_, i) => i).filter(isPlaced);
  if (kept.length === points) return cloud;
  const packed = new Uint8Array(kept.length * stride);
  kept.forEach((i, to) =>
    packed.set(data.subarray(i * stride, (i + 1) * stride), to * stride)
  );
  return {
    ...cloud,
    ...{ data: packed, points: kept.length, width: kept.length, height: 1 },
  };
}
