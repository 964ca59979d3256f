import type { Pose } from "../../points/cloud.ts";
import { writeTransforms } from "../../ros/write_messages.ts";
import type { StreamPlace } from "../../wire/stream_place.ts";
import { STATIC_TOPIC } from "./static_topic.ts";

/** A message of transforms, and its topic. */
export interface PlaceMessage {
  topic: string;
  data: Uint8Array;
}

/** Frames that are remembered: a publisher may name as many as it likes. */
const MAX_FRAMES = 1000;

const ORIGIN: Pose = { translation: [0, 0, 0], rotation: [0, 0, 0, 1] };

/**
 * Makes the messages of where clouds stand: one of `/tf_static` for each frame,
 * and where it then moves, one of `/tf` for each cloud.
 */
export class PlaceMessages {
  readonly #known = new Map<string, { told: string; moves: boolean }>();

  /**
   * Makes what a cloud's place says, where it says anything new.
   *
   * @param stamp when it was captured, milliseconds since the Unix epoch.
   */
  messageOf(
    child: string,
    { parent, pose = ORIGIN }: StreamPlace,
    stamp: number,
  ): PlaceMessage | undefined {
    if (parent === undefined || parent === child) return undefined;
    const told = JSON.stringify([parent, pose]);
    const known = this.#known.get(child);
    const moves = known !== undefined && (known.moves || known.told !== told);
    if (known !== undefined && !moves) return undefined;
    const isFull = known === undefined && this.#known.size >= MAX_FRAMES;
    if (!isFull) this.#known.set(child, { told, moves });
    const data = writeTransforms([{ stamp, frameId: parent, child, pose }]);
    return { topic: moves || isFull ? "/tf" : STATIC_TOPIC, data };
  }
}
