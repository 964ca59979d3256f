/** What the points are coloured by, and the legend of it. */
import { nameCategory } from "./categories.ts";
import {
  choiceOf,
  chooseColor,
  type ColorChoice,
  type ColorEntry,
  listColors,
} from "./coloring.ts";
import { byId, setText } from "./elements.ts";
import { cssOf } from "./palette.ts";
import { formatRange } from "./readings.ts";
import type { Streams } from "./streams.ts";
import type { DecodedCloud } from "./worker_messages.ts";

/** Values that the legend names; more would hide the cloud. */
const MOST_NAMED = 48;

/** Lets the user choose for all streams, and shows what colours stand for. */
export class ColorControl {
  readonly #streams: Streams;
  readonly #select = byId("color", HTMLSelectElement);
  readonly #legend = byId("legend", HTMLElement);
  readonly #low = byId("range-low", HTMLElement);
  readonly #high = byId("range-high", HTMLElement);
  readonly #categories = byId("categories", HTMLElement);
  /** What the user has chosen, whether the cloud has it or not. */
  #choice: ColorChoice | undefined;
  /** What the list and the categories were written for. */
  #listed = "";
  #named = "";

  constructor(streams: Streams) {
    this.#streams = streams;
    this.#list([]);
    this.#select.addEventListener(
      "change",
      () => this.#choose(this.#select.value),
    );
  }

  /** Colours by the next of the list. */
  next(): void {
    const { options, selectedIndex } = this.#select;
    this.#select.selectedIndex = (selectedIndex + 1) % options.length;
    this.#choose(this.#select.value);
  }

  /** Writes what the clouds have and what their colours stand for. */
  update(): void {
    const { list } = this.#streams;
    const fields = list.flatMap(({ view }) => view.cloud?.fields ?? []);
    if (fields.length > 0) this.#list(joinFields(fields), list.length > 1);
    const { cloud, range, palette } = this.#legendView() ?? {};
    this.#legend.classList.toggle("none", range === undefined);
    if (range !== undefined) {
      const { low, high, from } = formatRange(range);
      this.#legend.title = from === undefined ? "" : `0 is ${from}`;
      const unit = cloud?.coloring.kind === "scalar" ? "" : " m";
      setText(this.#low, low);
      setText(this.#high, high + unit);
    }
    this.#nameCategories(cloud, palette?.map(cssOf) ?? []);
  }

  #choose(choice: ColorChoice): void {
    this.#choice = choice;
    this.#streams.choice = choice;
  }

  /** What the legend is of: what shows as most do, and has most to say. */
  #legendView() {
    const views = this.#streams.list
      .filter(({ isShown, color }) => isShown && color === undefined)
      .map(({ view }) => view);
    return views.find(({ range, palette }) => range ?? palette) ?? views[0];
  }

  /** Lists what can be chosen; touched only where it has changed. */
  #list(fields: DecodedCloud["fields"], areSeveral = false): void {
    const entries = listColors(fields, areSeveral);
    const listed = JSON.stringify(entries);
    if (listed !== this.#listed) {
      const group = document.createElement("optgroup");
      group.label = "Fields";
      group.append(...entries.fields.map(toOption));
      this.#select.replaceChildren(
        ...entries.ways.map(toOption),
        ...entries.fields.length > 0 ? [group] : [],
      );
      this.#listed = listed;
    }
    const choice = choiceOf(chooseColor({ fields }, this.#choice));
    if (this.#select.value !== choice) this.#select.value = choice;
  }

  #nameCategories(cloud: DecodedCloud | undefined, palette: string[]): void {
    const coloring = cloud?.coloring;
    const list = coloring?.kind === "category" ? coloring.categories : [];
    const name = coloring?.kind === "category" ? coloring.name : "";
    const named = JSON.stringify([name, list, palette]);
    if (named === this.#named) return;
    this.#named = named;
    this.#categories.hidden = list.length === 0;
    const entries = list.slice(0, MOST_NAMED).map(({ value, slot }) => {
      const entry = document.createElement("li");
      const swatch = document.createElement("i");
      swatch.style.background = palette[slot];
      entry.append(swatch, nameCategory(name, value));
      return entry;
    });
    if (list.length > MOST_NAMED) {
      const more = document.createElement("li");
      more.textContent = `and ${list.length - MOST_NAMED} more`;
      entries.push(more);
    }
    const title = byId("categories-title", HTMLElement);
    setText(title, name);
    byId("categories-list", HTMLElement).replaceChildren(...entries);
  }
}

/** Lists fields by their names, each once. */
function joinFields(fields: DecodedCloud["fields"]): DecodedCloud["fields"] {
  return [...new Map(fields.map((field) => [field.name, field])).values()];
}

function toOption({ choice, label }: ColorEntry): HTMLOptionElement {
  return new Option(label, choice);
}
