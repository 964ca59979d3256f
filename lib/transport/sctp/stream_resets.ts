import type { Inbound } from "./inbound.ts";
import type { Outbound } from "./outbound.ts";
import {
  type Association,
  type ReconfigParam,
  type ResetPolicy,
  withoutStreams,
} from "../werift/association.ts";

/** Most of the peer's requests that wait for data. */
const MAX_WAITING = 16;

/** What resets ask of the data path that they are on. */
export interface ResetContext {
  readonly outbound: Outbound | undefined;
  /** Opened where there is none yet. */
  readonly inbound: Inbound | undefined;
}

/**
 * Decides when werift asks for resets of streams and answers them (RFC 6525),
 * in step with a data path that isn't werift's.
 */
export class StreamResets {
  readonly #association: Association;
  readonly #path: ResetContext;
  readonly #onError: (error: unknown) => void;
  /** What werift does: it asks, and answers. */
  readonly #werift: ResetPolicy;
  readonly #waiting: ReconfigParam[] = [];
  #isDue = false;
  /** Number of the peer's last reset that was done. */
  #last: number | undefined;

  /**
   * Takes over from werift's association.
   *
   * @param onError called where a reset that had to wait can't be done.
   */
  constructor(
    association: Association,
    path: ResetContext,
    onError: (error: unknown) => void,
  ) {
    this.#association = association;
    this.#path = path;
    this.#onError = onError;
    this.#werift = association.resetWith({
      ask: () => this.#ask(),
      receive: (param) => this.#receive(param),
    });
  }

  /** Does what waited for an acknowledgement. */
  onAcknowledged(): void {
    if (this.#isDue) void this.#ask();
  }

  /** Does what waited for data. */
  onReceived(): void {
    for (const param of this.#waiting.splice(0)) {
      this.#receive(param).catch(this.#onError);
    }
  }

  /** Asks for a stream's reset once all that was sent on any has arrived. */
  async #ask(): Promise<void> {
    const association = this.#association;
    association.forgetAskedResets();
    const { outbound } = this.#path;
    this.#isDue = outbound !== undefined && outbound.undeliveredBytes > 0;
    if (this.#isDue) return;
    if (outbound !== undefined) association.timeoutMs = outbound.rtt.timeout;
    await this.#werift.ask();
  }

  /**
   * Resets streams that the peer asks for, once all has come that it sent
   * before (section 5.2.2); until then it gets no answer, and asks again. What
   * it asks again though it is done is answered alone.
   */
  async #receive(param: ReconfigParam): Promise<void> {
    const { requestSequence, lastTsn, streams } = param;
    if (lastTsn === undefined || streams === undefined) {
      return await this.#werift.receive(param);
    }
    if (requestSequence === this.#last) {
      return await this.#werift.receive(withoutStreams(param));
    }
    const { inbound } = this.#path;
    if (inbound !== undefined && !inbound.hasAllUpTo(lastTsn)) {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(param);
      return;
    }
    this.#last = requestSequence;
    for (const id of streams) inbound?.resetStream(id);
    await this.#werift.receive(param);
  }
}
