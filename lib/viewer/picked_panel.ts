/** The panel with the values of the points that were picked. */
import { byId, setText } from "./elements.ts";
import { subtract } from "./vector.ts";
import { PICK_NAMES } from "./pick_markers.ts";
import type { PointValues } from "./point_values.ts";
import { formatCount, formatMillimetres } from "./readings.ts";

/** A point that was picked, and the frame that it was picked in. */
export interface PickedPoint extends PointValues {
  frame: number;
}

/** One line of the table: a value of each point, or none. */
interface Row {
  name: string;
  title?: string;
  values: (string | undefined)[];
  isColor?: boolean;
}

/** Shows what is known of one point or two; nothing hides the panel. */
export function showPicked(picked: readonly PickedPoint[]): void {
  byId("picked", HTMLElement).hidden = picked.length === 0;
  setText(
    byId("picked-title", HTMLElement),
    picked.length === 2 ? "Two points" : "Point",
  );
  byId("picked-values", HTMLTableSectionElement).replaceChildren(
    ...picked.length === 2 ? [namesOf()] : [],
    ...rowsOf(picked).map(toLine),
  );
  const [a, b] = picked;
  const distance = byId("picked-distance", HTMLElement);
  distance.hidden = b === undefined;
  if (b !== undefined) setText(distance, describeDistance(a, b));
}

/** Lists the place, and the fields that one or the other point has. */
export function rowsOf(picked: readonly PickedPoint[]): Row[] {
  const names = new Set(
    picked.flatMap(({ values }) => values.map(({ name }) => name)),
  );
  const colors = picked.map(({ color }) => color);
  return [
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
  const way = subtract(b.place, a.place);
  const parts = way.map(formatMillimetres).join(", ");
  return `${formatMillimetres(Math.hypot(...way))} m apart (${parts})`;
}

function namesOf(): HTMLElement {
  const line = document.createElement("tr");
  const cells = ["", ...PICK_NAMES].map((text) => {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = text;
    return cell;
  });
  line.append(...cells);
  return line;
}

function toLine({ name, title, values, isColor }: Row): HTMLElement {
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = name;
  if (title !== undefined) head.title = title;
  const cells = values.map((value) => {
    const cell = document.createElement("td");
    if (isColor && value !== undefined) {
      const swatch = document.createElement("i");
      swatch.style.background = value;
      cell.append(swatch);
    }
    cell.append(value ?? "–");
    return cell;
  });
  line.append(head, ...cells);
  return line;
}
