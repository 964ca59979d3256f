/** The panel with the values of the points that were picked. */
import { byId, setText } from "./elements.ts";
import {
  describeDistance,
  PICK_NAMES,
  type PickedPoint,
  type Row,
  rowsOf,
} from "./picked_rows.ts";

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
