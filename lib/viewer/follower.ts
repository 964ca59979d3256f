/** Keeps one live session playing: chooses it, and tries again when it ends. */
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import { type Choosable, chooseSession } from "../playing/choice.ts";
import { Backoff } from "../backoff.ts";
import { SessionGone } from "./session_gone.ts";

/** What the page is doing about a stream. */
export type FollowState =
  | { kind: "idle" }
  | { kind: "connecting"; id: string }
  | { kind: "live"; id: string }
  /** The session is gone, and no other is live. */
  | { kind: "ended"; id: string; reason: string }
  /** The connection ended, and is tried again. */
  | { kind: "retrying"; id: string; reason: string };

export interface FollowerEvents {
  /** Called when the page does something else about the stream. */
  onState(state: FollowState): void;
  /** Called when another session plays; `resumes` where it continues one. */
  onStream(id: string, resumes: boolean): void;
}

/**
 * Plays a session until it ends or `signal` aborts, and calls `connected` once
 * it is live. Resolves with why it ended, or rejects.
 */
export type Play = (
  id: string,
  connected: () => void,
  signal: AbortSignal,
) => Promise<string>;

export interface FollowerOptions {
  /** Name or id of the session to play. @default {the newest} */
  asked?: string;
  /** @default {SYSTEM_CLOCK} */
  clock?: Clock;
}

/** Follows what is live. */
export class Follower implements Disposable {
  readonly #play: Play;
  readonly #events: FollowerEvents;
  readonly #clock: Clock;
  #sessions: readonly Choosable[] = [];
  #asked: string | undefined;
  #current: string | undefined;
  /** Why the current session ended, in the server's words. */
  #reason: string | undefined;
  #round = new AbortController();

  constructor(
    play: Play,
    events: FollowerEvents,
    { asked, clock = SYSTEM_CLOCK }: FollowerOptions = {},
  ) {
    this.#play = play;
    this.#events = events;
    this.#asked = asked;
    this.#clock = clock;
  }

  /** What is to be played, by name or id; nothing for the newest. */
  get asked(): string | undefined {
    return this.#asked;
  }

  /** The session that is played, or that is tried. */
  get current(): string | undefined {
    return this.#current;
  }

  /** Stops playing. */
  [Symbol.dispose](): void {
    this.#round.abort();
  }

  /** Takes what is live now. */
  update(sessions: readonly Choosable[]): void {
    this.#sessions = sessions;
    this.#choose();
  }

  /** Plays a session that the user asks for, by name or id. */
  ask(nameOrId: string): void {
    this.#asked = nameOrId;
    this.#choose();
  }

  /** Takes why a session has ended; the next update says that it is gone. */
  closed(id: string, reason: string): void {
    if (id === this.#current) this.#reason = reason;
  }

  #choose(): void {
    const last = this.#current;
    const next = chooseSession(this.#sessions, {
      asked: this.#asked,
      current: last,
    });
    if (next === last) return;
    const gone = !this.#sessions.some(({ id }) => id === last);
    this.#round.abort(gone ? new SessionGone() : undefined);
    this.#current = next;
    if (next === undefined) {
      const reason = this.#reason ?? "its connection ended";
      this.#events.onState({ kind: "ended", id: last!, reason });
      this.#reason = undefined;
      return;
    }
    const session = this.#sessions.find(({ id }) => id === next);
    const resumes = last !== undefined && session?.resumes === last;
    this.#round = new AbortController();
    void this.#follow(next, resumes, this.#round.signal);
  }

  async #follow(
    id: string,
    resumes: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const clock = this.#clock;
    const backoff = new Backoff({ tries: 1 }, clock.now());
    this.#events.onStream(id, resumes);
    while (!signal.aborted) {
      let isLive = false;
      this.#events.onState({ kind: "connecting", id });
      let reason: string;
      try {
        const connected = () => {
          if (signal.aborted) return;
          isLive = true;
          this.#reason = undefined;
          this.#events.onState({ kind: "live", id });
        };
        reason = await this.#play(id, connected, signal);
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
      if (signal.aborted) return;
      this.#reason ??= reason;
      this.#events.onState({ kind: "retrying", id, reason });
      if (isLive) backoff.reset(clock.now());
      await clock.sleep(backoff.next(clock.now()), signal);
    }
  }
}
