/** The panel of all streams: what each is, and how it is drawn. */
import { listColors } from "./coloring.ts";
import { byId, setText } from "./elements.ts";
import { KEEPINGS } from "./kept_clouds.ts";
import { cssOf } from "./palette.ts";
import { formatCount, formatLatency, formatRate } from "./readings.ts";
import { rootOf, type StreamLayer } from "./stream_layer.ts";
import type { Streams } from "./streams.ts";

/** Sizes of points that a stream may have of its own, CSS pixels. */
const SIZES = [1, 2, 3, 4, 6, 8];

/** Up to this width of the window the panel is folded, CSS pixels. */
const SMALL = 1_200;

/** What a choice is called that a stream doesn't make of its own. */
const AS_ALL = "as all";

/** The elements of one stream. */
interface StreamRow {
  row: HTMLTableRowElement;
  shown: HTMLInputElement;
  swatch: HTMLElement;
  frame: HTMLElement;
  rate: HTMLElement;
  points: HTMLElement;
  latency: HTMLElement;
  color: HTMLSelectElement;
  size: HTMLSelectElement;
  keep: HTMLSelectElement;
  /** What the list of colours was written for. */
  listed: string;
}

/** Shows the streams; the user chooses how each is drawn. */
export class StreamsPanel {
  readonly #streams: Streams;
  readonly #panel = byId("streams", HTMLDetailsElement);
  readonly #summary = byId("streams-summary", HTMLElement);
  readonly #body = byId("streams-list", HTMLTableSectionElement);
  readonly #most = byId("most-points", HTMLSelectElement);
  readonly #kept = byId("points-kept", HTMLElement);
  readonly #rows = new Map<number, StreamRow>();
  #areSeveral = false;

  /** @param onResize called when the panel has another size. */
  constructor(streams: Streams, onResize: () => void) {
    this.#streams = streams;
    this.#most.addEventListener("change", () => {
      streams.accumulation.mostPoints = Number(this.#most.value);
    });
    new ResizeObserver(onResize).observe(this.#panel);
  }

  /** Width of what is open, CSS pixels. */
  get width(): number {
    return this.#panel.open ? this.#panel.clientWidth : 0;
  }

  /** Writes what is known of the streams. */
  update(now: number): void {
    const { list, root } = this.#streams;
    this.#panel.hidden = list.length === 0;
    if (list.length > 1 && !this.#areSeveral) {
      this.#areSeveral = true;
      // A small screen is the picture's.
      this.#panel.open = innerWidth > SMALL;
    }
    const ids = new Set(list.map(({ id }) => id));
    for (const [id, { row }] of this.#rows) {
      if (ids.has(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    if (this.#panel.hidden) return;
    const shown = list.filter(({ isShown }) => isShown).length;
    const count = `${list.length} ${list.length === 1 ? "stream" : "streams"}`;
    const hidden = list.length - shown;
    setText(this.#summary, hidden > 0 ? `${count}, ${hidden} hidden` : count);
    for (const layer of list) this.#write(layer, root, now);
    const { points } = this.#streams.accumulation;
    setText(this.#kept, `${formatCount(points)} drawn; the oldest go first`);
  }

  #write(layer: StreamLayer, root: string | undefined, now: number): void {
    const row = this.#rows.get(layer.id) ?? this.#add(layer);
    const { counts, view } = layer;
    const isOver = layer.isOver(now);
    row.row.classList.toggle("over", isOver);
    row.shown.checked = layer.isShown;
    row.swatch.style.background = cssOf(view.ownColor);
    setText(row.frame, describePlace(layer, root));
    const none = counts.newest === undefined || isOver;
    setText(row.rate, none ? "–" : `${formatRate(counts.rate.at(now))} Hz`);
    const points = Math.round(counts.pointsAt(now));
    setText(row.points, none ? "–" : `${formatCount(points)}/s`);
    const latency = counts.latency.at(now);
    const unit = latency.kind === "measured" ? " ms" : "";
    setText(row.latency, isOver ? "ended" : formatLatency(latency) + unit);
    this.#listColors(layer, row);
  }

  #add(layer: StreamLayer): StreamRow {
    const row = document.createElement("tr");
    const shown = document.createElement("input");
    shown.type = "checkbox";
    shown.addEventListener("change", () => {
      this.#streams.setShown(layer, shown.checked);
    });
    const swatch = document.createElement("i");
    const label = document.createElement("label");
    label.append(shown, swatch, layer.label);
    const name = document.createElement("th");
    name.scope = "row";
    const frame = document.createElement("small");
    name.append(label, frame);
    const color = document.createElement("select");
    color.ariaLabel = `Colour of ${layer.label}`;
    color.addEventListener("change", () => {
      this.#streams.setColor(layer, color.value || undefined);
    });
    const size = document.createElement("select");
    size.ariaLabel = `Point size of ${layer.label}`;
    size.append(
      new Option(AS_ALL, ""),
      ...SIZES.map((size) => new Option(`${size} px`, `${size}`)),
    );
    size.addEventListener("change", () => {
      this.#streams.setPointSize(layer, Number(size.value) || undefined);
    });
    const keep = document.createElement("select");
    keep.ariaLabel = `Clouds kept of ${layer.label}`;
    keep.append(
      ...[...KEEPINGS].map(([value, [label]]) => new Option(label, value)),
    );
    keep.addEventListener("change", () => {
      const [, keeping] = KEEPINGS.get(keep.value) ?? [];
      if (keeping !== undefined) {
        this.#streams.accumulation.keep(layer, keeping);
      }
    });
    const [rate, points, latency] = [0, 1, 2].map(() =>
      document.createElement("td")
    );
    const cells = [color, size, keep].map((control) => {
      const cell = document.createElement("td");
      cell.append(control);
      return cell;
    });
    row.append(name, rate, points, latency, ...cells);
    this.#body.append(row);
    const made = { row, shown, swatch, frame, rate, points, latency };
    const added = { ...made, color, size, keep, listed: "" };
    this.#rows.set(layer.id, added);
    return added;
  }

  /** Lists what it can be coloured by; touched only where that has changed. */
  #listColors({ view, color }: StreamLayer, row: StreamRow): void {
    const { ways, fields } = listColors(view.cloud?.fields ?? [], true);
    const entries = [{ choice: "", label: AS_ALL }, ...ways, ...fields];
    const listed = JSON.stringify(entries);
    if (listed === row.listed) return;
    row.listed = listed;
    row.color.replaceChildren(
      ...entries.map(({ choice, label }) => new Option(label, choice)),
    );
    row.color.value = color ?? "";
  }
}

/** Says which frame a stream is in, and where that stands. */
function describePlace(
  { place, view }: StreamLayer,
  root: string | undefined,
): string {
  const { frameId = "", parent } = place;
  if (view.isForeign) {
    return `${frameId} in ${rootOf(place)}, not ${root}: drawn as it is`;
  }
  return parent === undefined ? frameId : `${frameId} in ${parent}`;
}
