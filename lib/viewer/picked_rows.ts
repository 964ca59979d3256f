/** What is said of the points that were picked, line by line. */
import type { PointValues } from "./point_values.ts";
import { formatCount, formatMillimetres } from "./readings.ts";
import { subtract, type Vector } from "./vector.ts";

/** Names of the points that can be picked. */
export const PICK_NAMES = ["A", "B"] as const;

/** A point that was picked, and the frame that it was picked in. */
export interface PickedPoint extends PointValues {
  frame: number;
  /** Its stream, where there are several. */
  stream: string | undefined;
  /** Its place where its cloud stands, metres. */
  stands: Vector;
  /** The frame that this place is in, where it isn't the cloud's own. */
  root: string | undefined;
}

/** One line of the table: a value of each point, or none. */
export interface Row {
  name: string;
  title?: string;
  values: (string | undefined)[];
  isColor?: boolean;
}

/** Lists the place, and the fields that one or the other point has. */
export function rowsOf(picked: readonly PickedPoint[]): Row[] {
  const names = new Set(
    picked.flatMap(({ values }) => values.map(({ name }) => name)),
  );
  const streams = picked.map(({ stream }) => stream);
  const roots = new Set(picked.map(({ root }) => root));
  const colors = picked.map(({ color }) => color);
  return [
    ...streams.some((stream) => stream !== undefined)
      ? [{ name: "stream", values: streams }]
      : [],
    {
      name: "point",
      values: picked.map(({ index }) => formatCount(index)),
    },
    {
      name: "frame",
      title: "The mark stays where the point was in this frame",
      values: picked.map(({ frame }) => formatCount(frame)),
    },
    ...["x", "y", "z"].map((name, i) => ({
      name,
      values: picked.map(({ place }) => formatMillimetres(place[i])),
    })),
    ...[...roots].filter((root) => root !== undefined).flatMap((root) =>
      ["x", "y", "z"].map((name, i) => ({
        name: `${name} in ${root}`,
        values: picked.map((point) =>
          point.root === root ? formatMillimetres(point.stands[i]) : undefined
        ),
      }))
    ),
    ...colors.some((color) => color !== undefined)
      ? [{ name: "colour", values: colors, isColor: true }]
      : [],
    ...[...names].map((name) => {
      const found = picked.map(({ values }) =>
        values.find((value) => value.name === name)
      );
      return {
        name,
        title: found.find((value) => value !== undefined)?.type,
        values: found.map((value) => value?.text),
      };
    }),
  ];
}

/** Writes how far two points are apart: `1.414 m (1.000, −1.000, 0.000)`. */
export function describeDistance(a: PickedPoint, b: PickedPoint): string {
  const way = subtract(b.stands, a.stands);
  const parts = way.map(formatMillimetres).join(", ");
  return `${formatMillimetres(Math.hypot(...way))} m apart (${parts})`;
}
