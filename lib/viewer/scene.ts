/** The stage with all that is on it: the clouds, the grid, the axes. */
import { AxisLabels } from "./axis_labels.ts";
import { CloudView } from "./cloud_view.ts";
import { byId, setText } from "./elements.ts";
import { diagonalOf, joinBoxes, shiftBox } from "./fit.ts";
import { Grid } from "./grid.ts";
import { formatLength, roundLength } from "./round_length.ts";
import { motionBetween } from "./motion.ts";
import { Navigation } from "./navigation.ts";
import { isNear, originFor } from "./origin.ts";
import { matrixFrom, placed } from "./placement.ts";
import { add, subtract, type Vector, ZERO } from "./vector.ts";
import type { Box } from "./ranges.ts";
import { PickMarkers } from "./pick_markers.ts";
import { frontOf, pickPoint } from "./picking.ts";
import { formatPlace } from "./readings.ts";
import { type Insets, Stage } from "./stage.ts";
import { SharedRanges } from "./shared_ranges.ts";
import { DARK, LIGHT, type Theme } from "./theme.ts";
import { Matrix4 } from "./three.ts";
import type { DecodedCloud } from "./worker_messages.ts";

/** A floor this near to 0 is at 0, metres for a cloud of one metre. */
const FLOOR_SLACK = 0.02;

/** Diagonal from which on points have their full size, CSS pixels. */
const FULL_PICTURE = 1_300;

/** A point of a cloud that is drawn. */
export interface ScenePoint {
  cloud: DecodedCloud;
  index: number;
}

/** The stream whose frame the camera goes along with. */
export interface Followed {
  view: CloudView;
  /** Whether the camera turns with it, too. */
  turns: boolean;
}

/** What the picture shows, and how it is looked at. */
export class PointScene {
  readonly #views = new Set<CloudView>();
  readonly #ranges = new SharedRanges();
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
  #theme = DARK;
  /** What the camera goes along with; nothing where it stands. */
  followed: Followed | undefined;
  /** Clouds of which the user hasn't seen anything so far. */
  readonly #unshown = new Map<CloudView, DecodedCloud>();

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
    this.#stage.add(this.#grid.lines, this.#grid.axes);
    // Kept for its program, which is compiled before the first cloud comes.
    this.#stage.add(this.#createView({ stream: -1, slot: 0 }).group);
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

  /** Adds what draws the clouds of a stream. */
  addView(of: { stream: number; slot: number }): CloudView {
    const view = this.#createView(of);
    view.setTheme(this.#theme);
    view.origin = this.#origin;
    this.#views.add(view);
    this.#stage.add(view.group);
    return view;
  }

  /** Takes a stream away. @returns its clouds, which aren't drawn any more. */
  removeView(view: CloudView): DecodedCloud[] {
    this.#views.delete(view);
    this.#unshown.delete(view);
    this.#stage.remove(view.group);
    return view.dispose();
  }

  /** Has all of it drawn anew: something about a view is else. */
  redraw(): void {
    this.#stage.invalidate();
  }

  /** Draws a cloud in the next frame. @returns those that it replaces. */
  show(view: CloudView, cloud: DecodedCloud): DecodedCloud[] {
    if (cloud.again === undefined) {
      this.#unshown.set(view, cloud);
      if (view === this.followed?.view) this.#follow(view.cloud, cloud);
    }
    this.#stage.invalidate();
    const replaced = view.show(cloud);
    this.#settle();
    // One range is of all, and has moved.
    for (const other of this.#views) other.updateColors();
    return replaced;
  }

  /** Marks places, in the coordinates that clouds stand in. */
  set markers(places: readonly Vector[]) {
    this.#markers.places = places;
    this.#stage.invalidate();
  }

  /** The middle of what nothing lies over, CSS pixels. */
  get middle(): { x: number; y: number } {
    return this.#stage.middle;
  }

  /**
   * Finds the point that is seen at a place of the picture, CSS pixels.
   *
   * @returns nothing where none is within `radius`.
   */
  pointAt(x: number, y: number, radius: number): ScenePoint | undefined {
    const { clientWidth: width, clientHeight: height } = this.#stage.canvas;
    const { clipMatrix } = this.#stage;
    const found = this.#visible().flatMap((view) => view.clouds)
      .flatMap((cloud) => {
        const { positions, points, pose, origin } = cloud;
        const { elements: matrix } = new Matrix4()
          .fromArray(matrixFrom(pose, origin, this.#origin))
          .premultiply(clipMatrix);
        const point = pickPoint({
          ...{ positions, points, matrix },
          ...{ width, height, x, y, radius },
        });
        return point === undefined ? [] : [{ ...point, cloud }];
      });
    return frontOf(found);
  }

  /** Looks at all clouds, and lays the grid under them. */
  fit(): void {
    const box = this.#box();
    if (box === undefined) return;
    this.#layGrid(box);
    this.navigation.fit(box);
  }

  /** What all clouds span; those that stand elsewhere only where it's near. */
  #box(): Box | undefined {
    const known = this.#visible().flatMap(({ isForeign, clouds }) =>
      clouds.flatMap(({ ranges }) =>
        ranges === undefined
          ? []
          : [{ isForeign, box: shiftBox(ranges.box, this.#origin) }]
      )
    );
    const own = known.filter(({ isForeign }) => !isForeign);
    const near = known.filter(({ isForeign, box }) =>
      isForeign && isNear(box.min, ZERO) && isNear(box.max, ZERO)
    );
    const boxes = own.length === 0 ? known : [...own, ...near];
    return joinBoxes(boxes.map(({ box }) => box));
  }

  #visible(): CloudView[] {
    return [...this.#views].filter(({ group }) => group.visible);
  }

  #createView(of: { stream: number; slot: number }): CloudView {
    return new CloudView({ ...of, ranges: this.#ranges });
  }

  #follow(last: DecodedCloud | undefined, next: DecodedCloud): void {
    // What stands elsewhere now hasn't moved there.
    if (last?.pose === undefined || next.pose === undefined) return;
    const motion = motionBetween(last.pose, next.pose);
    this.navigation.carry({
      ...motion,
      about: subtract(motion.about, this.#origin),
      turn: this.followed?.turns ? motion.turn : 0,
    });
    this.#grid.carry(motion.by);
  }

  /** Keeps the origin near the first stream, whose places are the scene's. */
  #settle(): void {
    const views = [...this.#views].filter(({ cloud }) => cloud !== undefined);
    const lead = views.find(({ isForeign }) => !isForeign) ?? views[0];
    if (lead?.cloud === undefined) return;
    const { pose, origin } = lead.cloud;
    this.#moveTo(originFor(placed(pose, origin), this.#origin));
  }

  /** Counts places from another origin; what is seen stays where it is. */
  #moveTo(origin: Vector): void {
    const by = subtract(this.#origin, origin);
    if (by.every((value) => value === 0)) return;
    this.#origin = origin;
    for (const view of this.#views) view.origin = origin;
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
    const share = Math.min(1, Math.max(0.6, small)) * pixelRatio;
    for (const view of this.#views) {
      view.setScale((view.pointSize ?? this.#pointSize) * share, focus);
    }
    const { axis } = this.#grid.place;
    const picture = { width: clientWidth, height: clientHeight };
    this.#labels.update(camera, axis, picture);
    this.#markers.update(camera, this.#origin, picture);
  }

  #tellShown(): void {
    const clouds = [...this.#unshown.values()];
    this.#unshown.clear();
    for (const cloud of clouds) this.#onShown(cloud);
  }

  #applyTheme(): void {
    const theme = this.#light.matches ? LIGHT : DARK;
    this.#theme = theme;
    this.#grid.theme = theme;
    for (const view of this.#views) view.setTheme(theme);
    this.#stage.theme = theme;
    this.#onTheme(theme);
  }
}
