/** Rings around the points that were picked, and the line between two. */
import { PICK_NAMES } from "./picked_rows.ts";
import { subtract, type Vector } from "./vector.ts";
import { type PerspectiveCamera, Vector3 } from "./three.ts";

const SVG = "http://www.w3.org/2000/svg";

/** Keeps a ring around each picked place, over the picture. */
export class PickMarkers {
  readonly #rings: HTMLElement[];
  readonly #line: SVGLineElement;
  readonly #place = new Vector3();
  /** In the cloud's coordinates. */
  places: readonly Vector[] = [];

  /** @param parent covers the canvas; the rings are put into it. */
  constructor(parent: HTMLElement) {
    const svg = document.createElementNS(SVG, "svg");
    svg.classList.add("picked-line");
    this.#line = document.createElementNS(SVG, "line");
    svg.append(this.#line);
    this.#rings = PICK_NAMES.map((name) => {
      const ring = document.createElement("span");
      ring.className = "picked-ring";
      ring.dataset.name = name;
      ring.hidden = true;
      return ring;
    });
    parent.append(svg, ...this.#rings);
  }

  /** Moves the rings to where the places are seen. */
  update(
    camera: PerspectiveCamera,
    origin: Vector,
    size: { width: number; height: number },
  ): void {
    const seen = this.#rings.map((ring, i) => {
      const place = this.places[i];
      const at = place && this.#project(camera, subtract(place, origin), size);
      ring.hidden = at === undefined;
      if (at === undefined) return undefined;
      ring.style.transform = `translate(${at.x.toFixed(1)}px, ${
        at.y.toFixed(1)
      }px) translate(-50%, -50%)`;
      return at;
    });
    const [a, b] = seen;
    const isWhole = a !== undefined && b !== undefined;
    this.#line.style.display = isWhole ? "" : "none";
    if (!isWhole) return;
    this.#line.setAttribute("x1", a.x.toFixed(1));
    this.#line.setAttribute("y1", a.y.toFixed(1));
    this.#line.setAttribute("x2", b.x.toFixed(1));
    this.#line.setAttribute("y2", b.y.toFixed(1));
  }

  /** @returns nothing for a place that isn't in the picture. */
  #project(
    camera: PerspectiveCamera,
    place: Vector,
    { width, height }: { width: number; height: number },
  ): { x: number; y: number } | undefined {
    camera.updateMatrixWorld();
    const { x, y, z } = this.#place.set(...place).project(camera);
    if (Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) > 1) return undefined;
    return { x: (x + 1) / 2 * width, y: (1 - y) / 2 * height };
  }
}
