/** All attacks, in the order of the table. */
import type { Attack } from "./attack.ts";
import { LOG_ATTACKS } from "./log.ts";
import { SDP_ATTACKS } from "./sdp.ts";

export const ATTACKS: readonly Attack[] = [
  ...SDP_ATTACKS,
  ...LOG_ATTACKS,
];
