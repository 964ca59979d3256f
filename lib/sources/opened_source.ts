import type { StreamPlace } from "../wire/messages.ts";
import type { PointSource } from "./source.ts";

/** One of the streams that a source has. */
export interface NamedSource {
  /** As the source calls it, such as its topic; none where it has just one. */
  name?: string;
  source: PointSource;
  /** Where its coordinates stand, where that is known from the start. */
  place?: StreamPlace;
}

/** A camera or a microphone that a source has, which is opened as media. */
export interface SourceCamera {
  /** What it is called, after its topic; nothing where it needs no name. */
  name?: string;
  /** What `--media` takes. */
  input: string;
}

/**
 * What is opened by one name: a sensor's or a file's stream of clouds, or all
 * that a recording or a robot has. What its streams share is let go when
 * the last of them is disposed of.
 */
export interface OpenedSource {
  /** At least one. */
  readonly streams: readonly NamedSource[];
  /** Those that were recorded beside them; nothing where points are made up. */
  readonly cameras?: readonly SourceCamera[];
}
