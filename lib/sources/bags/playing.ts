import type { BagMessage } from "./bag.ts";

/** How many times as fast as it was recorded one may be played. */
export const SPEEDS = { least: 0.01, most: 1_000 } as const;

/** How a recording is played. */
export interface PlayingOptions {
  /** Plays so many times as fast as it was recorded. @default {1} */
  speed?: number;
  /** Seconds of the recording that are left out. @default {0} */
  start?: number;
  /** Starts again at its end. @default {false} */
  loop?: boolean;
  /** The frame that clouds are placed in. @default {the root above each} */
  fixedFrame?: string;
}

/** A message that is due. */
export interface Delivery {
  message: BagMessage;
  /** Where the message's stamp is moved to. */
  captureTime(stamp: number): number;
}

/** Who is given the messages of a topic. */
export interface BagListener {
  /** Whether the playing waits until this one asks for it. */
  readonly begins: boolean;
  onMessage(delivery: Delivery): void;
  /**
   * Called where what comes next doesn't follow what came last.
   *
   * @param isSought whether somebody wants to be there, and nothing before.
   */
  onJump?(isSought: boolean): void;
  /** Called when no more come; says why, where the bag can't be read. */
  onEnd(failure?: { error: unknown }): void;
}
