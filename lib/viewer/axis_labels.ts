/** The axes' names, as text over the picture. */
import { type PerspectiveCamera, Vector3 } from "./three.ts";

const NAMES = ["x", "y", "z"] as const;

/** Keeps a label at the end of each axis. */
export class AxisLabels {
  readonly #labels: HTMLElement[];
  readonly #place = new Vector3();

  /** @param parent covers the canvas; the labels are put into it. */
  constructor(parent: HTMLElement) {
    this.#labels = NAMES.map((name) => {
      const label = document.createElement("span");
      label.className = `axis axis-${name}`;
      label.textContent = name;
      parent.append(label);
      return label;
    });
  }

  /** Moves the labels to the ends of axes of `length` metres. */
  update(
    camera: PerspectiveCamera,
    length: number,
    { width, height }: { width: number; height: number },
  ): void {
    camera.updateMatrixWorld();
    this.#labels.forEach((label, i) => {
      const place = this.#place.set(0, 0, 0).setComponent(i, length * 1.06)
        .project(camera);
      label.hidden = place.z > 1 || place.z < -1 ||
        Math.abs(place.x) > 1 || Math.abs(place.y) > 1;
      if (label.hidden) return;
      const x = (place.x + 1) / 2 * width;
      const y = (1 - place.y) / 2 * height;
      label.style.transform = `translate(${x.toFixed(1)}px, ${
        y.toFixed(1)
      }px) translate(-50%, -50%)`;
    });
  }
}
