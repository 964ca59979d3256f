/** What the page plays: one session, or all those of a group. */
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import { type Choosable, watchable } from "../playing/choice.ts";
import type { Follower, FollowState } from "./follower.ts";
import { byName, isGroup } from "./session_tree.ts";

/** Sessions of a group that are played at once. */
export const MOST_PLAYED = 8;

/** How long a session of a group is waited for that is gone, milliseconds. */
const GONE_MS = 5_000;

/** Which session a player is for. */
export interface PlayerFor {
  /** Names it among all players. */
  key: string;
  /** Name or id of its session. @default {the newest} */
  asked?: string;
  /** Goes before the names of what it brings; nothing where it is alone. */
  title?: string;
}

/** What plays one session. */
export interface PlaysSession extends Disposable {
  readonly key: string;
  readonly state: FollowState;
  readonly follower: Pick<Follower, "current" | "update" | "ask" | "closed">;
}

export interface SessionPlayersOptions<Player> {
  /** Name or id of a session, or a group's name. @default {the newest} */
  asked?: string;
  /** Whether nothing is played until something is asked for. */
  isStopped?: boolean;
  /** Makes a player. */
  create(of: PlayerFor): Player;
  /** @default {SYSTEM_CLOCK} */
  clock?: Pick<Clock, "now">;
}

/** A session that is live. */
type Playable = Choosable & { name: string };

/** Plays what is asked for, with a connection for each session. */
export class SessionPlayers<Player extends PlaysSession> {
  readonly #options: SessionPlayersOptions<Player>;
  readonly #clock: Pick<Clock, "now">;
  readonly #players = new Map<string, Player>();
  /** When sessions of the group were last there. */
  readonly #seenAt = new Map<string, number>();
  #sessions: readonly Playable[] = [];
  #asked: string | undefined;
  #leftOut: string[] = [];
  #isStopped = false;

  constructor(options: SessionPlayersOptions<Player>) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#asked = options.asked;
    this.#isStopped = options.isStopped ?? false;
    this.#choose();
  }

  /** Plays nothing until something is asked for. */
  stop(): void {
    this.#isStopped = true;
    this.#close(this.list);
  }

  /** All that there are: one, or as many as the group has sessions. */
  get list(): Player[] {
    return [...this.#players.values()];
  }

  /** What is to be played; nothing for the newest. */
  get asked(): string | undefined {
    return this.#asked;
  }

  /** Whether a group is played. */
  get isGroup(): boolean {
    return isGroup(this.#asked);
  }

  /** Names of the group's sessions that there is no room for. */
  get leftOut(): readonly string[] {
    return this.#leftOut;
  }

  /** Name of what is played, a session's or the group's. */
  get current(): string | undefined {
    if (this.isGroup) return this.#asked;
    const current = this.#players.get("")?.follower.current;
    return this.#sessions.find(({ id }) => id === current)?.name;
  }

  /** What is done about them; of a group, what is best. */
  get state(): FollowState {
    const states = this.list.map(({ state }) => state);
    if (!this.isGroup) return states.at(0) ?? { kind: "idle" };
    for (const kind of ["live", "connecting", "retrying"]) {
      const state = states.find((state) => state.kind === kind);
      if (state !== undefined) return state;
    }
    return { kind: "idle" };
  }

  /** Takes what is live now. */
  update(sessions: readonly Playable[]): void {
    this.#sessions = sessions;
    this.#choose();
  }

  /** Plays another session, or a group. */
  ask(name: string): void {
    const isElse = this.isGroup || isGroup(name);
    this.#isStopped = false;
    this.#asked = name;
    if (isElse) this.#close(this.list);
    this.#players.get("")?.follower.ask(name);
    this.#choose();
  }

  /** Takes why a session has ended; the next update says that it is gone. */
  closed(id: string, reason: string): void {
    for (const { follower } of this.list) follower.closed(id, reason);
  }

  #choose(): void {
    if (this.#isStopped) return;
    const { asked } = this;
    if (isGroup(asked)) this.#chooseOf(asked);
    else {
      this.#leftOut = [];
      if (this.#players.size === 0) this.#open({ key: "", asked });
    }
    for (const { follower } of this.list) follower.update(this.#sessions);
  }

  /** Keeps those of a group that are played, and adds others. */
  #chooseOf(group: string): void {
    const now = this.#clock.now();
    const names = watchable(this.#sessions).map(({ name }) => name)
      .filter((name) => name.startsWith(group)).sort(byName);
    for (const name of names) this.#seenAt.set(name, now);
    const gone = this.list.filter(({ key }) => !names.includes(key))
      .sort((a, b) => this.#goneFor(b, now) - this.#goneFor(a, now));
    const added = names.filter((name) => !this.#players.has(name));
    const crowd = this.#players.size + added.length - MOST_PLAYED;
    this.#close(
      gone.filter((player, i) =>
        i < crowd || this.#goneFor(player, now) > GONE_MS
      ),
    );
    const room = MOST_PLAYED - this.#players.size;
    this.#leftOut = added.slice(room);
    for (const name of added.slice(0, room)) {
      this.#open({ key: name, asked: name, title: name });
    }
  }

  #goneFor({ key }: Player, now: number): number {
    return now - (this.#seenAt.get(key) ?? 0);
  }

  #open(of: PlayerFor): void {
    this.#players.set(of.key, this.#options.create(of));
  }

  #close(players: readonly Player[]): void {
    for (const player of players) {
      this.#players.delete(player.key);
      this.#seenAt.delete(player.key);
      player[Symbol.dispose]();
    }
  }
}
