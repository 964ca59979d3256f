import type { BagPlayers } from "./bags/bag_players.ts";
import type { RosBridges } from "./ros/bridges.ts";

/** What the sources and the cameras of a program share. */
export interface SharedInputs {
  /** Connections to bridges. */
  bridges: RosBridges;
  /** Bags that are played. */
  bags: BagPlayers;
}
