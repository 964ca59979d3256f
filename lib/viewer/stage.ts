/** The 3D picture: drawn when something in it has changed, and only then. */
import type { Theme } from "./theme.ts";
import {
  Color,
  Matrix4,
  type Object3D,
  PerspectiveCamera,
  Scene,
  WebGLRenderer,
} from "./three.ts";

/** More pixels than this for one of CSS cost time and show nothing. */
const MAX_PIXEL_RATIO = 2;

/** What lies over the edges of the picture, CSS pixels. */
export interface Insets {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

function areSameInsets(a: Insets, b: Insets): boolean {
  return a.top === b.top && a.right === b.right && a.bottom === b.bottom &&
    a.left === b.left;
}

export interface StageEvents {
  /** Called before each picture: whatever follows the camera moves now. */
  onRender(): void;
  /** Called when the free part of the picture has another shape. */
  onLayout(): void;
  /** Called when a picture is drawn, to the last pixel. */
  onShown(): void;
}

/** What the context is made with; antialiasing costs time. */
const ATTRIBUTES: WebGLContextAttributes = {
  antialias: false,
  alpha: false,
  stencil: false,
  powerPreference: "high-performance",
};

/** A canvas with a camera, z up. Without WebGL 2 nothing is drawn on it. */
export class Stage {
  readonly camera = new PerspectiveCamera(45, 1, 0.1, 1000);
  readonly canvas: HTMLCanvasElement;
  readonly #renderer: WebGLRenderer | undefined;
  readonly #scene = new Scene();
  readonly #events: StageEvents;
  readonly #context: WebGL2RenderingContext | null;
  #insets: Insets = { top: 0, right: 0, bottom: 0, left: 0 };
  #requested = false;

  constructor(canvas: HTMLCanvasElement, events: StageEvents) {
    this.canvas = canvas;
    this.#events = events;
    const context = canvas.getContext("webgl2", ATTRIBUTES);
    this.#context = context;
    if (context !== null) {
      this.#renderer = new WebGLRenderer({ canvas, context, ...ATTRIBUTES });
      // To sort, three.js would look at every point of a cloud, here.
      this.#renderer.sortObjects = false;
    }
    this.camera.up.set(0, 0, 1);
    new ResizeObserver(() => {
      this.#resize();
      this.#events.onLayout();
    }).observe(canvas);
    canvas.addEventListener("webglcontextrestored", () => this.invalidate());
    this.#resize();
  }

  /** Whether there is a picture: not without WebGL 2. */
  get isDrawn(): boolean {
    return this.#renderer !== undefined;
  }

  get pixelRatio(): number {
    return this.#renderer?.getPixelRatio() ?? 1;
  }

  /** Width over height of the part that nothing lies over. */
  get freeAspect(): number {
    const { width, height } = this.#free();
    return width / height;
  }

  /** Tangent of half the vertical angle of view of that part. */
  get freeTan(): number {
    const tan = Math.tan(this.camera.fov * Math.PI / 360);
    return tan * this.#free().height / this.canvas.clientHeight;
  }

  /** Its middle, CSS pixels of the picture. */
  get middle(): { x: number; y: number } {
    const { width, height } = this.#free();
    const { top, left } = this.#insets;
    return { x: left + width / 2, y: top + height / 2 };
  }

  /** From the scene's places to clip space. */
  get clipMatrix(): Matrix4 {
    this.camera.updateMatrixWorld();
    const { projectionMatrix, matrixWorldInverse } = this.camera;
    return new Matrix4().multiplyMatrices(projectionMatrix, matrixWorldInverse);
  }

  /** Puts the middle of the view into the middle of what is free. */
  set insets(insets: Insets) {
    // A panel may be as large as before with other numbers in it.
    if (areSameInsets(insets, this.#insets)) return;
    this.#insets = insets;
    this.#aim();
    this.#events.onLayout();
    this.invalidate();
  }

  set theme({ background }: Theme) {
    this.#renderer?.setClearColor(
      new Color().setRGB(...background, "srgb"),
    );
    this.invalidate();
  }

  /**
   * Adds objects, which are drawn in this order; their programs are compiled
   * before they are needed.
   */
  add(...objects: Object3D[]): void {
    this.#scene.add(...objects);
    this.#renderer?.compile(this.#scene, this.camera);
  }

  /** Takes objects away. */
  remove(...objects: Object3D[]): void {
    this.#scene.remove(...objects);
    this.invalidate();
  }

  /** Has the picture drawn in the next animation frame. */
  invalidate(): void {
    const renderer = this.#renderer;
    const context = this.#context;
    if (this.#requested || renderer === undefined || context === null) return;
    this.#requested = true;
    requestAnimationFrame(() => {
      this.#requested = false;
      this.#events.onRender();
      renderer.render(this.#scene, this.camera);
      this.#awaitDrawn(context);
    });
  }

  /** Waits for the drawing itself, which goes on after the calls return. */
  #awaitDrawn(gl: WebGL2RenderingContext): void {
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (fence === null) return;
    gl.flush();
    const look = () => {
      if (gl.getSyncParameter(fence, gl.SYNC_STATUS) === gl.UNSIGNALED) {
        return void setTimeout(look);
      }
      gl.deleteSync(fence);
      this.#events.onShown();
    };
    setTimeout(look);
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.#renderer?.setPixelRatio(
      Math.min(devicePixelRatio, MAX_PIXEL_RATIO),
    );
    this.#renderer?.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    this.#aim();
    this.invalidate();
  }

  #aim(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const { top, right, bottom, left } = this.#insets;
    this.camera.setViewOffset(
      width,
      height,
      (right - left) / 2,
      (bottom - top) / 2,
      width,
      height,
    );
  }

  #free(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.canvas;
    const { top, right, bottom, left } = this.#insets;
    return {
      width: Math.max(clientWidth - left - right, clientWidth / 4),
      height: Math.max(clientHeight - top - bottom, clientHeight / 4),
    };
  }
}
