import type { Association } from "../werift/association.ts";
import type { IceAgent } from "../werift/ice.ts";
import { CHUNK } from "./packet.ts";

/** What is waited for an answer first, in round trips, and its bounds. */
const TIMEOUT_ROUND_TRIPS = 3;
const MIN_TIMEOUT_MS = 200;
const INITIAL_TIMEOUT_MS = 500;
const MAX_TIMEOUT_MS = 2000;
/** Time after which the peer is taken to have no SCTP, milliseconds. */
const GIVE_UP_MS = 20_000;

/**
 * Sends INIT and COOKIE ECHO again after a few round trips, doubling the wait,
 * in place of every 3 seconds. An association that gets no answer is ended.
 */
export function speedUpSetup(association: Association, ice: IceAgent): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => clearTimeout(timer);
  association.setUpWith({
    cancel,
    start(send) {
      cancel();
      const startedAt = performance.now();
      let waitMs = firstWaitMs(ice);
      const expire = () => {
        if (association.isStopped) return;
        if (performance.now() - startedAt > GIVE_UP_MS) {
          return association.close();
        }
        send().catch(() => {
          // The timer sends it again.
        });
        waitMs = Math.min(2 * waitMs, MAX_TIMEOUT_MS);
        timer = setTimeout(expire, waitMs);
      };
      timer = setTimeout(expire, waitMs);
    },
  });
  association.onClosed(cancel);
}

function firstWaitMs({ roundTripMs }: IceAgent): number {
  return roundTripMs === undefined
    ? INITIAL_TIMEOUT_MS
    : Math.max(MIN_TIMEOUT_MS, TIMEOUT_ROUND_TRIPS * roundTripMs);
}

/**
 * Has an INIT that comes once the association is up, sent again or late,
 * answered without changing it (RFC 9260 section 5.2.2): werift would count the
 * peer's DATA from the beginning.
 */
export function keepEstablished(association: Association): void {
  association.interceptChunks((type, pass) =>
    type === CHUNK.init && association.isEstablished
      ? association.keepDuring(pass)
      : pass()
  );
}
