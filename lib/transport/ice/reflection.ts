/** What an ICE agent sends to addresses that a stranger may have named. */
import type { IceAgent } from "../werift/ice.ts";
import { type OfferOrigin, Probation } from "./probation.ts";

/** Most pairs that are checked (RFC 8445 section 6.1.2.5). */
const MAX_PAIRS = 100;
/** Most checks that wait until we begin with ours. */
const MAX_WAITING_CHECKS = 100;
/** Checks of ours that are begun as soon as werift would, every 20 ms. */
const HASTY_CHECKS = 5;
/** Time between those after them: Ta (RFC 8445 section 14.2), milliseconds. */
const PACE_MS = 50;
/** Checks that came after which werift is to forget them. */
const REMEMBERED_CHECKS = 1000;

/**
 * Has an ICE agent send little to an address that hasn't answered, however an
 * offer or forged checks name it: see {@linkcode Probation}. Call before
 * `checkIntegrity`, whose filter is asked first then.
 *
 * @param origin of the offer; none where we made it ourselves.
 */
export function boundReflection(ice: IceAgent, origin?: OfferOrigin): void {
  const probation = new Probation(origin);
  ice.limitPairs(MAX_PAIRS);
  ice.paceChecks(checkPace());
  let came = 0;
  ice.onProtocol((protocol) => {
    protocol.ruleChecks({
      mayBegin: () => probation.mayBegin,
      isSent: (to, bytes) => probation.takeCheck(to, bytes),
      onAnswered: (from, isRefused) => probation.answered(from, isRefused),
    });
    protocol.filterRequests((message, from) => {
      if (++came % REMEMBERED_CHECKS === 0) ice.forgetChecks();
      return ice.waitingChecks < MAX_WAITING_CHECKS &&
        probation.takeAnswer(from, message.length);
    });
  });
}

/**
 * Makes what tells whether another check may be begun now, the first ones
 * whenever it is asked.
 */
export function checkPace(now = () => performance.now()): () => boolean {
  let begun = 0;
  let last = -Infinity;
  return () => {
    if (begun >= HASTY_CHECKS && now() - last < PACE_MS) return false;
    begun++;
    last = now();
    return true;
  };
}
