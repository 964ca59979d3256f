import { IDENTITY } from "../../ros/pose.ts";
import type { StampedTransform } from "../../ros/write_messages.ts";
import type { StreamPlace } from "../../wire/stream_place.ts";

/**
 * The frame that all robots have in common (REP 105): the maps of several stand
 * in it.
 */
const SHARED_FRAME = "earth";

/**
 * Names a frame so that those of several sessions can be told apart:
 * `robot-7/base_link`. It is so with one session, too, or else a layout made
 * for it would be wrong as soon as another one comes.
 */
export function frameName(session: string, frame: string): string {
  // tf's first version began names of frames with a slash.
  const name = frame.replace(/^\//, "");
  return name === SHARED_FRAME ? name : `${session}/${name}`;
}

/** The frame that the coordinates of a stream are in. */
export function streamFrame(
  session: string,
  stream: string,
  { frameId = stream }: StreamPlace,
): string {
  return frameName(session, frameId);
}

/**
 * Says where a stream stands in its parent frame.
 *
 * @param stamp milliseconds since the Unix epoch.
 * @returns nothing where nothing is known of that.
 */
export function transformOf(
  { session, stream, place, stamp }: {
    session: string;
    stream: string;
    place: StreamPlace;
    stamp: number;
  },
): StampedTransform | undefined {
  const { parent, pose = IDENTITY } = place;
  if (parent === undefined) return undefined;
  const child = streamFrame(session, stream, place);
  const frameId = frameName(session, parent);
  return child === frameId ? undefined : { stamp, frameId, child, pose };
}
