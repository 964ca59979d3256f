import type { WeriftAssociation, WeriftIce } from "./werift_shapes.ts";

/** What is waited for an answer first, in round trips, and its bounds. */
const TIMEOUT_ROUND_TRIPS = 3;
const MIN_TIMEOUT_MS = 200;
const INITIAL_TIMEOUT_MS = 500;
const MAX_TIMEOUT_MS = 2000;
/** Time after which the peer is taken to have no SCTP, milliseconds. */
const GIVE_UP_MS = 20_000;

/** werift's timer T1 (RFC 9260 section 5.1.6). */
export interface WeriftSetupTimer {
  timer1Start(chunk: unknown): void;
  timer1Cancel(): void;
  sendChunk(chunk: unknown): Promise<void>;
}

/**
 * Sends INIT and COOKIE ECHO again after a few round trips, doubling the wait, in
 * place of every 3 seconds; a second answer to the first doesn't disturb it.
 *
 * @param fail ends an association that gets no answer.
 */
export function speedUpSetup(
  sctp: WeriftAssociation & WeriftSetupTimer,
  ice: WeriftIce,
  fail: () => void,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => clearTimeout(timer);
  sctp.timer1Cancel = cancel;
  sctp.timer1Start = (chunk) => {
    cancel();
    const started = performance.now();
    const rtt = ice.nominated?.rtt;
    let wait = rtt
      ? Math.max(MIN_TIMEOUT_MS, TIMEOUT_ROUND_TRIPS * rtt * 1000)
      : INITIAL_TIMEOUT_MS;
    const expire = () => {
      if (sctp.isStopped) return;
      if (performance.now() - started > GIVE_UP_MS) return fail();
      sctp.sendChunk(chunk).catch(() => {
        // The timer sends it again.
      });
      wait = Math.min(2 * wait, MAX_TIMEOUT_MS);
      timer = setTimeout(expire, wait);
    };
    timer = setTimeout(expire, wait);
  };
  sctp.stateChanged.closed.subscribe(cancel);
}
