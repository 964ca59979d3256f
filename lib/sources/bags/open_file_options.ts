import type { Logger } from "../../log.ts";

/** How a file of a bag is opened. */
export interface OpenFileOptions {
  /** What it is called for people. */
  name: string;
  log: Logger;
}
