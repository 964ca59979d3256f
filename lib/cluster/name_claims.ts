import type { KnownSession } from "./calls.ts";

/** For how long a name is kept for another node, milliseconds. */
const GRANT_MS = 5_000;
/** Most names that are kept for others at once. */
const MAX_GRANTS = 10_000;

/** A name that is being asked of all nodes, or that a session is made for. */
interface Claim {
  /** Whether all have said yes. */
  isHeld: boolean;
}

/**
 * The names of this node, as far as others ask for them. A name is given where
 * no node says no; of two that ask for one at once, the first by name has it.
 */
export class NameClaims {
  readonly #instance: string;
  readonly #sessions: ReadonlyMap<string, KnownSession>;
  readonly #claims = new Map<string, Set<Claim>>();
  /** Names that others are making sessions for. */
  readonly #granted = new Map<string, { to: string; until: number }>();

  /** @param sessions of this node. */
  constructor(instance: string, sessions: ReadonlyMap<string, KnownSession>) {
    this.#instance = instance;
    this.#sessions = sessions;
  }

  /**
   * Claims a name for a session of this node, until it is disposed of.
   *
   * @param askOthers asks all other nodes, and tells whether it is free there.
   * @returns nothing where another has it.
   */
  async claim(
    name: string,
    askOthers: () => Promise<boolean>,
  ): Promise<Disposable | undefined> {
    if (this.#isGranted(name)) return undefined;
    const claim: Claim = { isHeld: false };
    const claims = this.#claims.get(name) ?? new Set();
    this.#claims.set(name, claims.add(claim));
    using life = new DisposableStack();
    life.defer(() => {
      claims.delete(claim);
      if (claims.size === 0) this.#claims.delete(name);
    });
    if (!await askOthers()) return undefined;
    claim.isHeld = true;
    return life.move();
  }

  /** Tells another node whether a name is free here. */
  grant(name: string, to: string, resumes: string | null): boolean {
    for (const { isHeld } of this.#claims.get(name) ?? []) {
      if (isHeld || this.#instance < to) return false;
    }
    for (const { session } of this.#sessions.values()) {
      if (session.name !== name || session.id === resumes) continue;
      // One that resumes the same is a try of the same publisher's, which it
      // gave up before it was told the id.
      if (resumes === null || session.resumes !== resumes) return false;
    }
    // Who is before the one that it is kept for said no to that one, or will.
    const kept = this.#granted.get(name);
    if (this.#isGranted(name, to) && kept!.to < to) return false;
    this.#forgetOld();
    if (this.#granted.size >= MAX_GRANTS) return false;
    this.#granted.set(name, { to, until: performance.now() + GRANT_MS });
    return true;
  }

  /** Its session is there: it is known by that from now on. */
  settle(name: string): void {
    this.#granted.delete(name);
  }

  /** Tells whether a name is kept for a node, but for `to`. */
  #isGranted(name: string, to?: string): boolean {
    const granted = this.#granted.get(name);
    return granted !== undefined && granted.to !== to &&
      granted.until > performance.now();
  }

  #forgetOld(): void {
    for (const [name, { until }] of this.#granted) {
      if (until > performance.now()) return;
      this.#granted.delete(name);
    }
  }
}
