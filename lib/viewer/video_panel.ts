/** The pictures beside the points, to be moved and hidden. */
import { byId, setText } from "./elements.ts";
import { type RemoteTrack, tilesOf } from "./media_tiles.ts";
import { makeMovable } from "./movable.ts";
import type { TrackClock } from "./skew.ts";
import { VideoTile } from "./video_tile.ts";

/** Shows the videos of all sessions that are played, and plays their sound. */
export class VideoPanel {
  readonly #panel = byId("video-panel", HTMLElement);
  readonly #videos = byId("videos", HTMLElement);
  readonly #hidden = byId("hidden-videos", HTMLElement);
  readonly #note = byId("video-note", HTMLElement);
  /** By the player and the tile that it is of. */
  readonly #tiles = new Map<string, VideoTile>();
  /** Called when the panel has another size. */
  onResize: (() => void) | undefined;
  readonly #pointsTime: (player: string) => number | undefined;
  #isPaused = false;

  /**
   * @param pointsTime tells when a player's points were captured that are drawn
   * now, by its publisher's clock.
   */
  constructor(pointsTime: (player: string) => number | undefined) {
    this.#pointsTime = pointsTime;
    new ResizeObserver(() => this.onResize?.()).observe(this.#panel);
    makeMovable(this.#panel);
  }

  /** All that there are, with a picture or without one yet. */
  get tiles(): VideoTile[] {
    return [...this.#tiles.values()];
  }

  /** Width of the panel, CSS pixels; 0 while there is none. */
  get width(): number {
    return this.#panel.clientWidth;
  }

  /** Whether there is a picture of a player's to be shown. */
  hasPicture(player: string): boolean {
    return this.tiles.some((tile) => tile.player === player && tile.hasPicture);
  }

  /**
   * Shows what a player's connection brings. A tile that there was before goes
   * on as it was: hidden, or with its sound on.
   *
   * @param title goes before the names, where several sessions are played.
   */
  show(
    player: string,
    remote: readonly RemoteTrack<MediaStreamTrack>[],
    title = "",
  ): void {
    const known = new Set<string>();
    for (const { id, name = "", mid, tracks } of tilesOf(remote)) {
      const key = `${player}\n${id}`;
      known.add(key);
      const tile = this.#tiles.get(key) ?? this.#add(key, player);
      tile.label = [title, name].filter((part) => part !== "").join(" / ");
      tile.tracks = tracks;
      tile.mid = mid;
    }
    for (const [key, tile] of this.#tiles) {
      if (tile.player === player && !known.has(key)) this.#remove(key, tile);
    }
    this.#update();
  }

  /** Shows nothing of a player's until more comes. */
  interrupt(player: string): void {
    for (const tile of this.tiles) {
      if (tile.player === player) tile.tracks = undefined;
    }
    this.#update();
  }

  /** Takes what the clocks of a player's track show at one moment. */
  setClock(player: string, mid: string, clock: TrackClock): void {
    const tile = this.#find(player, mid);
    if (tile !== undefined) tile.skew.clock = clock;
  }

  /** Takes when the picture was captured that a player's track shows now. */
  setPictureTime(player: string, mid: string, time: number): void {
    const tile = this.#find(player, mid);
    if (tile !== undefined) tile.pictureTime = time;
  }

  /**
   * Writes how far pictures are behind the points.
   *
   * @returns of the first one that it is known of, milliseconds.
   */
  writeSkew(now: number): number | undefined {
    for (const tile of this.tiles) tile.writeSkew(now);
    return this.tiles.filter(({ element }) => !element.hidden)
      .map(({ skew }) => skew.at(now))
      .find((behind) => behind !== undefined);
  }

  /** Says why there is no picture; nothing, to say nothing. */
  set note(text: string | undefined) {
    this.#note.hidden = text === undefined;
    setText(this.#note, text ?? "");
  }

  /** Pauses and goes on with the pictures. */
  set paused(paused: boolean) {
    this.#isPaused = paused;
    for (const tile of this.tiles) tile.paused = paused;
  }

  /** Turns all sound off, or on where all of it is off. */
  toggleSound(): void {
    const muted = this.tiles.some((tile) => !tile.muted);
    for (const tile of this.tiles) tile.muted = muted;
  }

  /** Hides all pictures, or shows them again where all are hidden. */
  toggle(): void {
    const isHidden = this.tiles.some((tile) => !tile.isHidden);
    for (const tile of this.tiles) tile.isHidden = isHidden;
    this.#update();
  }

  #find(player: string, mid: string): VideoTile | undefined {
    return this.tiles.find((tile) =>
      tile.player === player && tile.mid === mid
    );
  }

  #add(key: string, player: string): VideoTile {
    const tile = new VideoTile({
      player,
      onChange: () => this.#update(),
      pointsTime: () => this.#pointsTime(player),
    });
    tile.paused = this.#isPaused;
    this.#tiles.set(key, tile);
    this.#videos.append(tile.element);
    this.#hidden.append(tile.showButton);
    return tile;
  }

  #remove(key: string, tile: VideoTile): void {
    tile.tracks = undefined;
    tile.element.remove();
    tile.showButton.remove();
    this.#tiles.delete(key);
  }

  #update(): void {
    for (const tile of this.tiles) tile.update();
    const seen = this.tiles.filter(({ hasPicture }) => hasPicture);
    const shown = seen.filter(({ isHidden }) => !isHidden).length;
    this.#panel.hidden = seen.length === 0;
    this.#videos.hidden = shown === 0;
    this.#hidden.hidden = shown === seen.length;
    this.#panel.dataset.shown = String(shown);
  }
}
