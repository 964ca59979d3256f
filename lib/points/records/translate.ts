/**
 * Colour and normals as one format spells them into the spelling of another:
 * `rgb` and `normal_x` of PCD, `red green blue` and `nx` of PLY. Bits are moved
 * or called by another name, never computed with.
 */
import {
  copyBytes,
  createCloud,
  namesOf,
  type Place,
  type PointCloud,
} from "../cloud.ts";
import {
  type NamedType,
  packFields,
  type PointField,
  typeBytes,
} from "../field.ts";
import { type ColorFields, findColor } from "../meaning.ts";

type ChannelColor = Extract<ColorFields, { kind: "channels" }>;

const PLY_COLOR = ["red", "green", "blue", "alpha"];
const PLY_NORMALS = ["nx", "ny", "nz"];
const PCD_NORMALS = ["normal_x", "normal_y", "normal_z"];

/** Where in a packed colour, 0xAARRGGBB, each channel's byte is. */
const CHANNEL_BYTES = [2, 1, 0, 3];

/**
 * Spells a cloud's fields as PLY does: packed colour as `red green blue`,
 * uint8, and `alpha` where it is `rgba`; channels of 8 bits by those names too;
 * normals as `nx ny nz`. A name that is taken is left to the field that has it.
 *
 * @returns a view of the same data.
 */
export function spellForPly(cloud: PointCloud): PointCloud {
  const fields = channelColor(
    rename(cloud.fields, PCD_NORMALS, PLY_NORMALS),
  );
  return { ...cloud, fields };
}

function channelColor(fields: readonly PointField[]): readonly PointField[] {
  const color = findColor(fields);
  if (color === undefined) return fields;
  if (color.kind === "channels") {
    const from = bytesOf(color).map(({ name }) => name);
    return rename(fields, from, PLY_COLOR.slice(0, from.length));
  }
  const names = PLY_COLOR.slice(0, color.hasAlpha ? 4 : 3);
  if (isTaken(fields, names, [color.field.name])) return fields;
  const channels = names.map((name, i): PointField => ({
    name,
    type: "uint8",
    offset: color.field.offset + CHANNEL_BYTES[i],
  }));
  return fields.flatMap((field) => field === color.field ? channels : [field]);
}

/**
 * Spells a cloud's fields as PCD does: colour of 8 bits a channel as `rgb`, a
 * float32 of those bits, or with its alpha as `rgba`, uint32, in place of the
 * first channel; normals as `normal_x normal_y normal_z`. A name that is taken
 * is left to the field that has it.
 *
 * @returns a view of the same data, or a copy where channels were packed.
 */
export function spellForPcd(cloud: PointCloud): PointCloud {
  const fields = rename(cloud.fields, PLY_NORMALS, PCD_NORMALS);
  const renamed = { ...cloud, fields };
  const color = findColor(fields);
  if (color?.kind !== "channels") return renamed;
  const channels = bytesOf(color);
  const name = channels.length === 4 ? "rgba" : "rgb";
  if (channels.length === 0 || isTaken(fields, [name], [])) return renamed;
  return packChannels(renamed, channels, {
    name,
    type: name === "rgba" ? "uint32" : "float32",
  });
}

/** Returns the channels that are bytes: four, three or none. */
function bytesOf({ red, green, blue, alpha }: ChannelColor): PointField[] {
  if (red.type !== "uint8") return [];
  return alpha?.type === "uint8"
    ? [red, green, blue, alpha]
    : [red, green, blue];
}

/** Copies a cloud with channels in one field, where the first of them is. */
function packChannels(
  cloud: PointCloud,
  channels: readonly PointField[],
  packed: NamedType,
): PointCloud {
  const { points, height, viewpoint } = cloud;
  const first = cloud.fields.find((field) => channels.includes(field));
  const kept = cloud.fields.filter((field) =>
    field === first || !channels.includes(field)
  );
  const { fields, stride } = packFields(
    kept.map((field) => field === first ? packed : field),
  );
  const data = new Uint8Array(points * stride);
  const copy = (from: PointField, offset: number) => {
    const to: Place = { offset, stride };
    const place: Place = { offset: from.offset, stride: cloud.stride };
    copyBytes(data, to, cloud.data, place, {
      bytes: typeBytes(from.type),
      points,
    });
  };
  fields.forEach(({ offset }, i) => {
    if (kept[i] !== first) return copy(kept[i], offset);
    channels.forEach((channel, j) => copy(channel, offset + CHANNEL_BYTES[j]));
  });
  return createCloud({ data, fields, stride, height, viewpoint });
}

/** Renames fields where all are there, and none of the names is taken. */
function rename(
  fields: readonly PointField[],
  from: readonly string[],
  to: readonly string[],
): readonly PointField[] {
  const names = namesOf(fields);
  if (from.length === 0 || !from.every((name) => names.includes(name))) {
    return fields;
  }
  if (isTaken(fields, to, from)) return fields;
  return fields.map((field) => {
    const at = from.indexOf(field.name);
    return at < 0 ? field : { ...field, name: to[at] };
  });
}

/** Tells whether fields other than `own` have any of the names. */
function isTaken(
  fields: readonly PointField[],
  names: readonly string[],
  own: readonly string[],
): boolean {
  return fields.some(({ name }) => names.includes(name) && !own.includes(name));
}
