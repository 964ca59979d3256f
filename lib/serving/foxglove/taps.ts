import { SessionTap, type SessionTapOptions } from "./session_tap.ts";

/** What the taps of all sessions have in common. */
export interface TapsOptions
  extends Pick<SessionTapOptions, "feeds" | "converter"> {
  /** Called with what sessions have, as of a {@linkcode SessionTap}. */
  eventsOf(
    session: SessionTapOptions["session"],
  ): Pick<SessionTapOptions, "onMessage" | "onTransform" | "onError">;
}

/** The sessions whose feeds are taken, each while somebody has any of it. */
export class Taps {
  readonly #options: TapsOptions;
  readonly #taps = new Map<string, SessionTap>();

  constructor(options: TapsOptions) {
    this.#options = options;
  }

  /** The tap of a session, if its feed is taken. */
  get(session: string): SessionTap | undefined {
    return this.#taps.get(session);
  }

  /** The tap of a session; `settle` is to be called when it may be over. */
  open(session: SessionTapOptions["session"]): SessionTap {
    const open = this.#taps.get(session.id);
    if (open !== undefined) return open;
    const { feeds, converter, eventsOf } = this.#options;
    const tap = new SessionTap({
      ...{ feeds, session, converter },
      ...eventsOf(session),
    });
    this.#taps.set(session.id, tap);
    return tap;
  }

  /** Ends the tap of a session that nobody watches through it any more. */
  settle(session: string): void {
    const tap = this.#taps.get(session);
    if (tap === undefined || tap.watchers > 0) return;
    tap[Symbol.dispose]();
    this.#taps.delete(session);
  }
}
