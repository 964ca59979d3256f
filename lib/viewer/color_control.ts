/** What the points are coloured by, and the legend of it. */
import { byId, setText } from "./elements.ts";
import { formatBound } from "./readings.ts";
import type { PointScene } from "./scene.ts";
import { COLOR_BY, type ColorBy } from "./shaders.ts";

/** Lets the user choose, and shows what the colours stand for. */
export class ColorControl {
  readonly #scene: PointScene;
  readonly #select = byId("color", HTMLSelectElement);
  readonly #legend = byId("legend", HTMLElement);
  readonly #low = byId("range-low", HTMLElement);
  readonly #high = byId("range-high", HTMLElement);

  constructor(scene: PointScene) {
    this.#scene = scene;
    this.#select.addEventListener("change", () => this.#apply());
  }

  /** Colours by the next of the list that the cloud has. */
  next(): void {
    const names = [...this.#select.options]
      .filter(({ disabled }) => !disabled)
      .map(({ value }) => value);
    const at = names.indexOf(this.#select.value);
    this.#select.value = names[(at + 1) % names.length];
    this.#apply();
  }

  /** Writes the range of the cloud that is shown into the legend. */
  update(): void {
    const { range, cloud, colorBy } = this.#scene.view;
    for (const option of this.#select.options) {
      option.disabled = option.value === "intensity" && cloud?.stride === 3;
    }
    this.#legend.classList.toggle("none", range === undefined);
    if (range === undefined) return;
    const { low, high } = range;
    const unit = colorBy === "intensity" ? "" : " m";
    setText(this.#low, formatBound(low, high - low));
    setText(this.#high, formatBound(high, high - low) + unit);
  }

  #apply(): void {
    const { value } = this.#select;
    if (!Object.hasOwn(COLOR_BY, value)) return;
    this.#scene.view.colorBy = value as ColorBy;
    this.#scene.invalidate();
    this.update();
  }
}
