/** The stage with all that is on it: the cloud, the grid, the axes. */
import { AxisLabels } from "./axis_labels.ts";
import { CloudView } from "./cloud_view.ts";
import { byId, setText } from "./elements.ts";
import { diagonalOf } from "./fit.ts";
import { Grid } from "./grid.ts";
import { formatLength, roundLength } from "./round_length.ts";
import { Navigation } from "./navigation.ts";
import { add, subtract, type Vector, ZERO } from "./vector.ts";
import type { Box } from "./ranges.ts";
import { PickMarkers } from "./pick_markers.ts";
import { pickPoint } from "./picking.ts";
import { formatPlace } from "./readings.ts";
import { type Insets, Stage } from "./stage.ts";
import { DARK, LIGHT, type Theme } from "./theme.ts";
import type { DecodedCloud } from "./worker_messages.ts";

/** A floor this near to 0 is at 0, metres for a cloud of one metre. */
const FLOOR_SLACK = 0.02;

/** Diagonal from which on points have their full size, CSS pixels. */
const FULL_PICTURE = 1_300;

/** What the picture shows, and how it is looked at. */
export class PointScene {
  readonly view = new CloudView();
  readonly navigation: Navigation;
  readonly #stage: Stage;
  readonly #grid = new Grid(DARK);
  readonly #labels = new AxisLabels(byId("labels", HTMLElement));
  readonly #markers = new PickMarkers(byId("labels", HTMLElement));
  readonly #light = matchMedia("(prefers-color-scheme: light)");
  readonly #onShown: (cloud: DecodedCloud) => void;
  readonly #onTheme: (theme: Theme) => void;
  #origin = ZERO;
  #pointSize = 2;
  #unshown: DecodedCloud | undefined;

  /** @param onShown called once for each cloud that has been drawn. */
  constructor(
    canvas: HTMLCanvasElement,
    onShown: (cloud: DecodedCloud) => void,
    onTheme: (theme: Theme) => void,
  ) {
    this.#onShown = onShown;
    this.#onTheme = onTheme;
    this.#stage = new Stage(canvas, {
      onRender: () => this.#prepare(),
      onLayout: () => {
        if (!this.navigation.moved) this.fit();
      },
      onShown: () => this.#tellShown(),
    });
    this.navigation = new Navigation(this.#stage);
    this.#stage.add(this.#grid.lines, this.#grid.axes, this.view.points);
    this.#writeScale();
    this.#light.addEventListener("change", () => this.#applyTheme());
    this.#applyTheme();
  }

  /** Whether there is a picture: not where the browser has no WebGL 2. */
  get isDrawn(): boolean {
    return this.#stage.isDrawn;
  }

  /** Size of a point, CSS pixels; smaller in a small picture. */
  set pointSize(size: number) {
    this.#pointSize = size;
    this.#stage.invalidate();
  }

  set insets(insets: Insets) {
    this.#stage.insets = insets;
  }

  /** Draws a cloud in the next frame. @returns the one that it replaces. */
  show(cloud: DecodedCloud): DecodedCloud | undefined {
    if (!cloud.isAgain) this.#unshown = cloud;
    this.#stage.invalidate();
    this.#moveTo(cloud.origin);
    return this.view.show(cloud);
  }

  /** Marks places of the cloud's coordinates. */
  set markers(places: readonly Vector[]) {
    this.#markers.places = places;
    this.#stage.invalidate();
  }

  /** The middle of what nothing lies over, CSS pixels. */
  get middle(): { x: number; y: number } {
    return this.#stage.middle;
  }

  /**
   * Finds the point of the cloud at a place of the picture, CSS pixels.
   *
   * @returns its index; nothing where none is within `radius`.
   */
  pointAt(x: number, y: number, radius: number): number | undefined {
    const cloud = this.view.shown;
    if (cloud === undefined) return undefined;
    const { positions, points } = cloud;
    const { clientWidth: width, clientHeight: height } = this.#stage.canvas;
    const { elements: matrix } = this.#stage.clipMatrix;
    return pickPoint({
      ...{ positions, points, matrix },
      ...{ width, height, x, y, radius },
    });
  }

  /** Shows no cloud, until the next one comes. */
  clear(): void {
    this.view.reset();
    this.#stage.invalidate();
  }

  /** Looks at all of the cloud, and lays the grid under it. */
  fit(): void {
    const box = this.view.cloud?.ranges?.box;
    if (box === undefined) return;
    this.#layGrid(box);
    this.navigation.fit(box);
  }

  /** Counts places from another origin; what is seen stays where it is. */
  #moveTo(origin: Vector): void {
    const by = subtract(this.#origin, origin);
    if (by.every((value) => value === 0)) return;
    this.#origin = origin;
    this.navigation.shift(by);
    const { place } = this.#grid;
    const [x, y, z] = add([place.x, place.y, place.z], by);
    this.#grid.place = { ...place, x, y, z, origin };
    this.#writeScale();
  }

  #layGrid(box: Box): void {
    const { min, max } = box;
    const wide = Math.hypot(max[0] - min[0], max[1] - min[1]);
    const size = diagonalOf(box);
    this.#grid.place = {
      step: roundLength(wide, 18),
      axis: roundLength(size, 7),
      reach: 1.1 * Math.max(wide, size / 4, 1e-3),
      x: (min[0] + max[0]) / 2,
      y: (min[1] + max[1]) / 2,
      z: this.#floorOf(min[2], size),
      origin: this.#origin,
    };
    this.#writeScale();
  }

  /** Where the grid lies under a cloud whose lowest points are at `z`. */
  #floorOf(z: number, size: number): number {
    const ground = -this.#origin[2];
    return Math.abs(z - ground) < FLOOR_SLACK * size ? ground : z;
  }

  #writeScale(): void {
    const { axis, step, origin } = this.#grid.place;
    const from = origin.every((value) => value === 0)
      ? ""
      : ` from ${origin.map(formatPlace).join(", ")}`;
    setText(
      byId("scale", HTMLElement),
      `grid ${formatLength(step)}, axes ${formatLength(axis)}${from}`,
    );
  }

  #prepare(): void {
    this.navigation.update();
    const { camera, canvas, pixelRatio } = this.#stage;
    const focus = this.navigation.distance;
    const { clientWidth, clientHeight } = canvas;
    const small = Math.hypot(clientWidth, clientHeight) / FULL_PICTURE;
    const size = this.#pointSize * Math.min(1, Math.max(0.6, small));
    this.view.setScale(size * pixelRatio, focus);
    const { axis } = this.#grid.place;
    const picture = { width: clientWidth, height: clientHeight };
    this.#labels.update(camera, axis, picture);
    this.#markers.update(camera, this.#origin, picture);
  }

  #tellShown(): void {
    const cloud = this.#unshown;
    this.#unshown = undefined;
    if (cloud !== undefined) this.#onShown(cloud);
  }

  #applyTheme(): void {
    const theme = this.#light.matches ? LIGHT : DARK;
    this.#grid.theme = theme;
    this.view.setTheme(theme);
    this.#stage.theme = theme;
    this.#onTheme(theme);
  }
}
