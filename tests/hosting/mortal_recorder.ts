/** A Worker that records, and dies of a session that it is to stop. */
import "../../lib/hosting/recording_worker.ts";
import type { DeskMessage } from "../../lib/hosting/recording_messages.ts";

/** The id of that session. */
const DEADLY = "deadly";

addEventListener("message", (event) => {
  const { call, args } = (event as MessageEvent<Partial<DeskMessage>>).data;
  if (call === "stop" && args?.[0] === DEADLY) self.close();
});
