import type { Pose } from "../points/cloud.ts";

/** Where the coordinates of a stream stand. */
export interface StreamPlace {
  /** The frame that its coordinates are in, such as `front_lidar`. */
  frameId?: string;
  /** The frame that this one stands in, such as `base_link`. */
  parent?: string;
  /** Where in it; nothing stands for its origin. */
  pose?: Pose;
}

/** What a message says of where coordinates stand. */
export function placeOf({ frameId, parent, pose }: StreamPlace): StreamPlace {
  return {
    ...(frameId !== undefined && { frameId }),
    ...(parent !== undefined && { parent }),
    ...(pose !== undefined && { pose }),
  };
}

/** Remembers where a receiver was told that coordinates stand. */
export class ToldPlace {
  #told = "";

  /** Tells whether a place is another than the one before, and takes note. */
  isNews(place: StreamPlace): boolean {
    const text = JSON.stringify(placeOf(place));
    if (text === this.#told) return false;
    this.#told = text;
    return true;
  }
}
