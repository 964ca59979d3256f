/** The choice of a stream whose frame the camera goes along with. */
import { byId } from "./elements.ts";
import type { PointScene } from "./scene.ts";
import type { StreamLayer } from "./stream_layer.ts";
import type { Streams } from "./streams.ts";

/** Lets the user choose a stream, and keeps to one of its name. */
export class FollowControl {
  readonly #scene: PointScene;
  readonly #streams: Streams;
  readonly #select = byId("follow", HTMLSelectElement);
  readonly #turns = byId("follow-turns", HTMLInputElement);
  /** What was chosen: a stream that comes again is followed again. */
  #chosen = "";

  constructor(scene: PointScene, streams: Streams) {
    this.#scene = scene;
    this.#streams = streams;
    this.#select.addEventListener("change", () => {
      this.#chosen = this.#select.value;
      this.update();
    });
    this.#turns.addEventListener("change", () => this.update());
  }

  /** Lists the streams that there are, and follows the one chosen. */
  update(): void {
    const layers = new Map(this.#streams.list.map((one) => [keyOf(one), one]));
    const chosen = layers.get(this.#chosen);
    this.#scene.followed = chosen && {
      view: chosen.view,
      turns: this.#turns.checked,
    };
    this.#turns.disabled = chosen === undefined;
    this.#list(layers);
  }

  /** Touched only where it has changed: browsers close a list that is. */
  #list(layers: ReadonlyMap<string, StreamLayer>): void {
    const entries = [["", "nothing"]];
    for (const [key, { label }] of layers) entries.push([key, label]);
    const options = [...this.#select.options];
    const isSame = options.length === entries.length &&
      entries.every(([key], i) => key === options[i].value);
    if (isSame) return;
    this.#select.replaceChildren(
      ...entries.map(([key, label]) => new Option(label, key)),
    );
    this.#select.value = layers.has(this.#chosen) ? this.#chosen : "";
  }
}

function keyOf({ player, name }: StreamLayer): string {
  return `${player}\n${name}`;
}
