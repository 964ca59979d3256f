/** All streams that the page has: their clouds go into one scene. */
import type { Pose } from "../points/cloud.ts";
import type { StreamPlace } from "../wire/messages.ts";
import { Accumulation } from "./accumulation.ts";
import type { ColorChoice } from "./coloring.ts";
import type { Dashboard } from "./dashboard.ts";
import { FramesDecoder } from "./frames_decoder.ts";
import { arePosesAlike } from "./placement.ts";
import type { PointScene } from "./scene.ts";
import { rootOf, StreamLayer } from "./stream_layer.ts";
import type { StreamSink } from "./stream_messages.ts";
import type { DecodedCloud } from "./worker_messages.ts";

/** Streams that are drawn at once; more are not taken. */
export const MOST_STREAMS = 32;

/** How much of its colours a stream loses that doesn't come any more. */
const FADED = 0.6;

export interface StreamsOptions {
  scene: PointScene;
  dashboard: Dashboard;
  /** Called when streams have come or gone, or stand elsewhere. */
  onChange(): void;
}

/** Decodes, counts and draws streams. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #layers = new Map<number, StreamLayer>();
  readonly #decoder = new FramesDecoder({
    onCloud: (cloud) => this.#take(cloud),
    onInvalid: (why) => console.warn(why),
  });
  /** What stays drawn beside the newest clouds. */
  readonly accumulation = new Accumulation({
    list: () => this.list,
    recolor: (layer, clouds) => this.#color(layer, clouds),
    recycle: (cloud) => this.#decoder.recycle(cloud),
    onChange: () => {
      this.#options.scene.redraw();
      this.#options.onChange();
    },
  });
  readonly #poses = new Map<number, Pose | undefined>();
  #count = 0;
  #choice: ColorChoice | undefined;
  /** Whether clouds that come are passed over. */
  isPaused = false;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** Those that there are, in the order in which they came. */
  get list(): StreamLayer[] {
    return [...this.#layers.values()];
  }

  /** The frame that all places are in; nothing where none is said. */
  get root(): string | undefined {
    return this.list.map(({ place }) => rootOf(place))
      .find((root) => root !== undefined);
  }

  /** What streams are coloured by that have no choice of their own. */
  set choice(choice: ColorChoice) {
    this.#choice = choice;
    for (const layer of this.#layers.values()) {
      if (layer.color === undefined) this.#color(layer);
    }
  }

  /** Colours one stream by what it alone has; nothing for what all have. */
  setColor(layer: StreamLayer, choice: ColorChoice | undefined): void {
    layer.color = choice;
    this.#color(layer);
  }

  /** Gives a stream points of another size; nothing for that of all. */
  setPointSize(layer: StreamLayer, size: number | undefined): void {
    layer.view.pointSize = size;
    this.#options.scene.redraw();
  }

  /** Shows a stream, or hides it. */
  setShown(layer: StreamLayer, isShown: boolean): void {
    layer.isShown = isShown;
    this.#options.scene.redraw();
    this.#options.onChange();
  }

  /**
   * Opens a stream, or goes on with the one of that name.
   *
   * @param player whose stream it is.
   * @param title goes before its name, where several sessions are played.
   * @returns what takes its messages; nothing where there are too many.
   */
  open(player: string, name: string, title = ""): StreamSink | undefined {
    const known = this.list.find((layer) =>
      layer.player === player && layer.name === name
    );
    if (known === undefined && this.#layers.size >= MOST_STREAMS) {
      return undefined;
    }
    const layer = known ?? this.#create(player, name, title);
    layer.counts.reset();
    this.#decoder.begin(layer.id, known === undefined);
    if (known === undefined) this.#color(layer);
    const { id } = layer;
    const sink: StreamSink = {
      onMessage: (bytes) => {
        layer.heardAt = performance.now();
        this.#options.dashboard.received(bytes.byteLength);
        this.#decoder.push(id, bytes);
      },
      onLayout: (layout) => this.#decoder.setLayout(id, layout),
      onPlace: (place) => this.#place(layer, place),
      onClock: (clock) => layer.clock = clock,
      onEnd: () => {
        if (layer.sink !== sink) return;
        layer.sink = undefined;
        this.#options.onChange();
      },
    };
    layer.sink = sink;
    this.#options.onChange();
    return sink;
  }

  /** Says whether time stands for a player's streams, or goes on. */
  setStill(player: string, isStill: boolean): void {
    for (const layer of this.list) {
      if (layer.player === player) layer.isStill = isStill;
    }
  }

  /** A player's connection is over, or another one begins. */
  interrupt(player: string): void {
    for (const layer of this.list) {
      if (layer.player !== player) continue;
      layer.counts.reset();
      layer.sink = undefined;
      layer.drawnTime = undefined;
    }
    this.#options.onChange();
  }

  /** Forgets the streams of a player, and draws them no longer. */
  close(player: string): void {
    for (const layer of this.list) {
      if (layer.player === player) this.remove(layer);
    }
  }

  /** Forgets a stream. */
  remove(layer: StreamLayer): void {
    this.#layers.delete(layer.id);
    this.#poses.delete(layer.id);
    this.#decoder.end(layer.id);
    this.#options.scene.removeView(layer.view);
    this.#settle();
    this.#options.onChange();
  }

  /** Says how many clouds came of a player's streams on this connection. */
  framesOf(player: string): number {
    return this.list.reduce(
      (sum, layer) => layer.player === player ? sum + layer.counts.frames : sum,
      0,
    );
  }

  /** When the last message of a player's streams came, milliseconds. */
  heardAt(player: string): number {
    return this.list.reduce(
      (last, layer) =>
        layer.player === player ? Math.max(last, layer.heardAt) : last,
      -Infinity,
    );
  }

  /** When a player's points were captured that are drawn now. */
  drawnTime(player: string): number | undefined {
    const now = performance.now();
    const times = this.list.filter((layer) =>
      layer.player === player && layer.isShown && !layer.isOver(now)
    ).flatMap(({ drawnTime }) => drawnTime ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** Asks for the values of a point. */
  pick(cloud: DecodedCloud, index: number) {
    return this.#decoder.pick(cloud, index);
  }

  /** The stream of a cloud. */
  of({ stream }: DecodedCloud): StreamLayer | undefined {
    return this.#layers.get(stream);
  }

  /** Fades those that don't come any more, where others do. */
  update(now: number): void {
    this.accumulation.recolor(now);
    let isElse = false;
    for (const layer of this.#layers.values()) {
      const isFaded = this.#layers.size > 1 && layer.isOver(now);
      const faded = isFaded ? FADED : 0;
      if (faded !== layer.view.faded) isElse = true;
      layer.view.faded = faded;
    }
    if (isElse) this.#options.scene.redraw();
  }

  #create(player: string, name: string, title: string): StreamLayer {
    const id = this.#count++;
    const slots = new Set(this.list.map(({ view }) => view.slot));
    let slot = 0;
    while (slots.has(slot)) slot++;
    const view = this.#options.scene.addView({ stream: id, slot });
    const label = title === "" ? name : `${title} / ${name}`;
    const layer = new StreamLayer({ id, player, name, label, view });
    this.#layers.set(id, layer);
    return layer;
  }

  #color(layer: StreamLayer, clouds = layer.view.clouds): void {
    this.#decoder.color(layer.id, layer.color ?? this.#choice, clouds);
  }

  #place(layer: StreamLayer, place: StreamPlace): void {
    const root = rootOf(layer.place);
    layer.place = place;
    this.#settle();
    // A pose may change with each frame, which nothing is written of.
    if (root !== rootOf(place)) this.#options.onChange();
  }

  /** Says where coordinates stand: those of another root where they are. */
  #settle(): void {
    const { root } = this;
    for (const [id, layer] of this.#layers) {
      const own = rootOf(layer.place);
      layer.view.isForeign = own !== undefined && own !== root;
      const pose = layer.view.isForeign ? undefined : layer.place.pose;
      if (arePosesAlike(pose, this.#poses.get(id))) continue;
      this.#poses.set(id, pose);
      this.#decoder.place(id, pose);
    }
  }

  #take(cloud: DecodedCloud): void {
    const { scene } = this.#options;
    const layer = this.of(cloud);
    if (layer === undefined) return;
    if (cloud.again === undefined) {
      layer.counts.push(performance.now(), cloud);
      // A page in the background draws nothing, and need not upload either.
      if (this.isPaused || document.hidden) return this.#decoder.recycle(cloud);
    }
    if (!scene.isDrawn) return this.#decoder.recycle(cloud);
    const isFirst = layer.view.cloud?.ranges === undefined;
    for (const last of scene.show(layer.view, cloud)) {
      this.#decoder.recycle(last);
    }
    this.accumulation.trim();
    const hasCome = isFirst && cloud.ranges !== undefined;
    if (hasCome && !scene.navigation.moved) scene.fit();
    if (cloud.again !== undefined) this.#options.onChange();
  }
}
