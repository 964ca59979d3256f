import type { WeriftAssociation, WeriftIce } from "../werift/shapes.ts";

/** What is waited for an answer first, in round trips, and its bounds. */
const TIMEOUT_ROUND_TRIPS = 3;
const MIN_TIMEOUT_MS = 200;
const INITIAL_TIMEOUT_MS = 500;
const MAX_TIMEOUT_MS = 2000;
/** Time after which the peer is taken to have no SCTP, milliseconds. */
const GIVE_UP_MS = 20_000;

/** What werift sets an association up with: timer T1 (RFC 9260 section 5.1.6). */
export interface WeriftSetup {
  timer1Start(chunk: unknown): void;
  timer1Cancel(): void;
  sendChunk(chunk: unknown): Promise<void>;
  receiveChunk(chunk: { type: number }): Promise<void>;
}

const INIT = 1;
/** werift's number for the state of an association that is up. */
const ESTABLISHED = 4;
/** What werift takes from an INIT. */
const TAKEN_FROM_INIT = [
  ...["lastReceivedTsn", "remoteVerificationTag", "reconfigResponseSeq"],
  ...["ssthresh", "peerAdvertisedRwnd"],
  ...["remotePartialReliability", "remoteExtensions"],
  ...["_inboundStreamsCount", "_outboundStreamsCount"],
] as const;

/**
 * Sends INIT and COOKIE ECHO again after a few round trips, doubling the wait, in
 * place of every 3 seconds; a second answer to the first doesn't disturb it.
 *
 * @param fail ends an association that gets no answer.
 */
export function speedUpSetup(
  sctp: WeriftAssociation & WeriftSetup,
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

/**
 * Has an INIT that comes once the association is up, sent again or late, answered
 * without changing it (RFC 9260 section 5.2.2): werift would count the peer's
 * DATA from the beginning.
 */
export function keepEstablished(sctp: WeriftAssociation & WeriftSetup): void {
  const { receiveChunk } = sctp;
  const fields = sctp as unknown as Record<string, unknown>;
  sctp.receiveChunk = (chunk) => {
    const isLate = chunk.type === INIT && sctp.associationState === ESTABLISHED;
    if (!isLate) return receiveChunk.call(sctp, chunk);
    const kept = TAKEN_FROM_INIT.map((name) => [name, fields[name]]);
    // The answer is made before it returns.
    const answered = receiveChunk.call(sctp, chunk);
    Object.assign(sctp, Object.fromEntries(kept));
    return answered;
  };
}
