/** Points that the user clicks or taps: what is known of them is shown. */
import { byId } from "./elements.ts";
import { showPicked } from "./picked_panel.ts";
import { PICK_NAMES, type PickedPoint } from "./picked_rows.ts";
import { placed } from "./placement.ts";
import type { PointScene } from "./scene.ts";
import { rootOf } from "./stream_layer.ts";
import type { Streams } from "./streams.ts";

/** How far a pointer may move for a click, and how near a point must be. */
const REACH = {
  mouse: { move: 4, radius: 12 },
  touch: { move: 12, radius: 24 },
};

/** Picks points, two at the most. */
export class PickControl {
  readonly #scene: PointScene;
  readonly #streams: Streams;
  #picked: readonly PickedPoint[] = [];
  #down: { id: number; x: number; y: number } | undefined;
  /** Counts what was asked for, so that a late answer isn't taken. */
  #asked = 0;

  constructor(scene: PointScene, streams: Streams) {
    this.#scene = scene;
    this.#streams = streams;
    const canvas = byId("cloud", HTMLCanvasElement);
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointerup", (event) => this.#release(event));
    canvas.addEventListener("pointercancel", () => this.#down = undefined);
    byId("unpick", HTMLButtonElement)
      .addEventListener("click", () => this.clear());
  }

  /** Forgets what was picked. */
  clear(): void {
    this.#asked++;
    if (this.#picked.length > 0) this.#show([]);
  }

  /** Picks the point in the middle of the view. */
  pickMiddle(): void {
    const { x, y } = this.#scene.middle;
    void this.#pick(x, y, REACH.touch.radius);
  }

  #press({ isPrimary, button, pointerId: id, clientX, clientY }: PointerEvent) {
    // A second finger shifts or zooms.
    this.#down = isPrimary && button === 0
      ? { id, x: clientX, y: clientY }
      : undefined;
  }

  #release({ pointerId, pointerType, clientX: x, clientY: y }: PointerEvent) {
    const down = this.#down;
    this.#down = undefined;
    if (down?.id !== pointerId) return;
    const reach = pointerType === "touch" ? REACH.touch : REACH.mouse;
    if (Math.hypot(x - down.x, y - down.y) > reach.move) return;
    void this.#pick(x, y, reach.radius);
  }

  async #pick(x: number, y: number, radius: number): Promise<void> {
    const found = this.#scene.pointAt(x, y, radius);
    if (found === undefined) return this.clear();
    const { cloud, index } = found;
    const asked = ++this.#asked;
    const point = await this.#streams.pick(cloud, index);
    const layer = this.#streams.of(cloud);
    if (point === undefined || layer === undefined) return;
    if (asked !== this.#asked) return;
    const isFull = this.#picked.length === PICK_NAMES.length;
    const before = isFull ? [] : this.#picked;
    const { number: frame, pose } = cloud;
    const stands = placed(pose, point.place);
    const stream = this.#streams.list.length > 1 ? layer.label : undefined;
    const root = pose && rootOf(layer.place);
    this.#show([...before, { ...point, frame, stream, stands, root }]);
  }

  #show(picked: readonly PickedPoint[]): void {
    this.#picked = picked;
    this.#scene.markers = picked.map(({ stands }) => stands);
    showPicked(picked);
  }
}
