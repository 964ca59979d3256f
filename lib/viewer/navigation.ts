/** Moving about: mouse, touch and keyboard turn, shift and zoom the view. */
import { diagonalOf, fitBox } from "./fit.ts";
import { type Motion, moved } from "./motion.ts";
import type { Box } from "./ranges.ts";
import type { Stage } from "./stage.ts";
import { OrbitControls, Spherical, Vector3 } from "./three.ts";
import type { Vector } from "./vector.ts";

/** From where a box may be looked at: azimuths, degrees from x towards y. */
const AZIMUTHS = [-155, -145, -135, -125, -115];

/** How far from above: degrees, for a wide picture and for a tall one. */
const ELEVATION = { wide: 36, tall: 46 };

/** Share of the picture that a box fills. */
const FILL = 0.94;

/** Radians a key press turns, and share of the distance that it shifts. */
const KEY_TURN = 0.08;
const KEY_SHIFT = 0.06;
const KEY_ZOOM = 1.15;

/** Turns, shifts and zooms a stage's camera. */
export class Navigation {
  readonly #stage: Stage;
  readonly #controls: OrbitControls;
  /** Whether the user has moved since all of a box was looked at. */
  moved = false;

  constructor(stage: Stage) {
    this.#stage = stage;
    const controls = new OrbitControls(stage.camera, stage.canvas);
    controls.enableDamping = !matchMedia("(prefers-reduced-motion: reduce)")
      .matches;
    controls.dampingFactor = 0.15;
    controls.zoomToCursor = true;
    controls.addEventListener("change", () => stage.invalidate());
    controls.addEventListener("start", () => this.moved = true);
    this.#controls = controls;
    this.fit({ min: [-10, -8, 0], max: [10, 8, 4] });
  }

  /** Metres from the camera to what it turns about. */
  get distance(): number {
    return this.#controls.getDistance();
  }

  /** Moves on what is still in motion; call it before each picture. */
  update(): void {
    this.#controls.update();
    const { camera } = this.#stage;
    camera.near = this.distance / 200;
    camera.far = this.distance * 50;
    camera.updateProjectionMatrix();
  }

  /** Looks at all of a box. */
  fit(box: Box): void {
    this.moved = false;
    const { camera, freeAspect, freeTan } = this.#stage;
    const elevation = freeAspect < 1 ? ELEVATION.tall : ELEVATION.wide;
    const { position, target } = fitBox(box, {
      directions: AZIMUTHS.map((azimuth) => direction(azimuth, elevation)),
      tan: freeTan * FILL,
      aspect: freeAspect,
    });
    camera.position.set(...position);
    this.#controls.target.set(...target);
    const size = diagonalOf(box) || 1;
    this.#controls.minDistance = size / 200;
    this.#controls.maxDistance = size * 12;
    this.#controls.update();
    this.#stage.invalidate();
  }

  /** Moves the camera and what it looks at together. */
  shift(by: Vector): void {
    const way = new Vector3(...by);
    this.#stage.camera.position.add(way);
    this.#controls.target.add(way);
    // What is still in motion goes on from here.
    this.#controls.update();
  }

  /** Goes along with what moves; the user may move meanwhile. */
  carry(motion: Motion): void {
    for (const place of [this.#stage.camera.position, this.#controls.target]) {
      place.set(...moved([place.x, place.y, place.z], motion));
    }
    this.#controls.update();
  }

  /** Does what a key stands for, if anything. @returns whether it did. */
  press(key: string, shift: boolean): boolean {
    switch (key) {
      case "ArrowLeft":
        this.#arrow(1, 0, shift);
        return true;
      case "ArrowRight":
        this.#arrow(-1, 0, shift);
        return true;
      case "ArrowUp":
        this.#arrow(0, 1, shift);
        return true;
      case "ArrowDown":
        this.#arrow(0, -1, shift);
        return true;
      case "+":
      case "=":
        this.#zoom(1 / KEY_ZOOM);
        return true;
      case "-":
      case "_":
        this.#zoom(KEY_ZOOM);
        return true;
    }
    return false;
  }

  #arrow(x: number, y: number, shift: boolean): void {
    const { camera } = this.#stage;
    const { target } = this.#controls;
    if (shift) {
      const step = this.distance * KEY_SHIFT;
      const move = new Vector3(-x * step, y * step, 0)
        .applyQuaternion(camera.quaternion);
      camera.position.add(move);
      target.add(move);
    } else {
      // Spherical has y up where we have z.
      const { x: east, y: north, z: up } = camera.position.clone().sub(target);
      const place = new Spherical().setFromCartesianCoords(east, up, -north);
      place.theta += x * KEY_TURN;
      place.phi -= y * KEY_TURN;
      place.makeSafe();
      const from = new Vector3().setFromSpherical(place);
      camera.position.set(from.x, -from.z, from.y).add(target);
    }
    this.#moved();
  }

  #zoom(factor: number): void {
    const { camera } = this.#stage;
    const { target } = this.#controls;
    camera.position.sub(target).multiplyScalar(factor).add(target);
    this.#moved();
  }

  #moved(): void {
    this.moved = true;
    this.#controls.update();
    this.#stage.invalidate();
  }
}

/** The direction of an azimuth and an elevation, degrees; z up. */
function direction(azimuth: number, elevation: number): Vector {
  const around = azimuth * Math.PI / 180;
  const above = elevation * Math.PI / 180;
  return [
    Math.cos(around) * Math.cos(above),
    Math.sin(around) * Math.cos(above),
    Math.sin(above),
  ];
}
