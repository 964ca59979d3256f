/** What the points are coloured by, and the legend of it. */
import { nameCategory } from "./categories.ts";
import type { CloudView } from "./cloud_view.ts";
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
import type { DecodedCloud } from "./worker_messages.ts";

/** Values that the legend names; more would hide the cloud. */
const MOST_NAMED = 48;

/** Lets the user choose, and shows what the colours stand for. */
export class ColorControl {
  readonly #view: CloudView;
  readonly #onChoose: (choice: ColorChoice) => void;
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

  /** @param onChoose called when the user wants other colours. */
  constructor(view: CloudView, onChoose: (choice: ColorChoice) => void) {
    this.#view = view;
    this.#onChoose = onChoose;
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

  /** Writes what the cloud has and what its colours stand for. */
  update(): void {
    const cloud = this.#view.shown;
    if (cloud !== undefined) this.#list(cloud.fields);
    const { range, palette } = this.#view;
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
    this.#onChoose(choice);
  }

  /** Lists what can be chosen; touched only where it has changed. */
  #list(fields: DecodedCloud["fields"]): void {
    const entries = listColors(fields);
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

function toOption({ choice, label }: ColorEntry): HTMLOptionElement {
  return new Option(label, choice);
}
