/** All attacks, in the order of the table. */
import type { Attack } from "./attack.ts";
import { CONNECTION_ATTACKS } from "./connections.ts";
import { FRAME_ATTACKS } from "./frames.ts";
import { LOG_ATTACKS } from "./log.ts";
import { MEDIA_ATTACKS } from "./media.ts";
import { MESSAGE_ATTACKS } from "./messages.ts";
import { RECORDING_ATTACKS } from "./recording.ts";
import { REFLECTION_ATTACKS } from "./reflection.ts";
import { SDP_ATTACKS } from "./sdp.ts";
import { STRANGER_ATTACKS } from "./strangers.ts";
import { TOKEN_ATTACKS } from "./tokens.ts";
import { WEB_ATTACKS } from "./web.ts";

/** Those that were found to harm somebody, and those that never did. */
export const ATTACKS: readonly Attack[] = [
  ...SDP_ATTACKS,
  ...CONNECTION_ATTACKS,
  ...MESSAGE_ATTACKS,
  ...FRAME_ATTACKS,
  ...MEDIA_ATTACKS,
  ...REFLECTION_ATTACKS,
  ...WEB_ATTACKS,
  ...LOG_ATTACKS,
  ...RECORDING_ATTACKS,
  ...TOKEN_ATTACKS,
  ...STRANGER_ATTACKS,
];
