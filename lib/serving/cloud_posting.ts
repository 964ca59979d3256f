import { settlesWithin } from "../async.ts";
import type { FarPosting, Poster } from "../hosting/far_posting.ts";
import { HostError, noSession } from "../hosting/host_error.ts";
import { CloudPoster, type Posted } from "../hosting/posted_clouds.ts";
import type { SessionHost } from "../hosting/session_host.ts";
import type { Access } from "./access.ts";
import { DeletedNames } from "./deleted_names.ts";
import type { Lineages } from "./lineages.ts";
import { checkName } from "./offer.ts";
import type { Publishing } from "./publishing.ts";

/** A session that clouds are posted to. */
export interface PostedSession {
  id: string;
  name: string;
  poster: Poster;
}

/** One of this server's own. */
interface OwnSession extends PostedSession {
  poster: CloudPoster;
}

/** Who posts, and what is to be called so. */
export interface PostRequest {
  /** Id of the session that is posted to, or the name of one to be made. */
  session: string;
  remote: string;
  access: Access;
}

/** What clouds are posted with. */
export interface CloudPostingOptions {
  host: SessionHost;
  publishing: Publishing;
  lineages: Lineages;
  /** The sessions of other nodes. @default {there are none} */
  far?: FarPosting;
}

/**
 * Time in which one is heard of that another node is making, milliseconds: two
 * posts of one publisher may come to two nodes at once.
 */
const HEARD_MS = 2_000;

/** The sessions that clouds are posted to: made with the first of them. */
export class CloudPosting implements Disposable {
  /** Most bytes of a cloud that is posted. */
  readonly frameBytes: number;
  readonly #publishing: Publishing;
  readonly #lineages: Lineages;
  readonly #sessions = new Map<string, OwnSession>();
  /** Names of all that live, by their ids. */
  readonly #live = new Map<string, string>();
  /** Ids of those that live on other nodes. */
  readonly #found = new Set<string>();
  /** Of these the ones that have taken something. */
  readonly #taking = new Set<string>();
  /** Those who wait for one of a name. */
  readonly #awaited = new Set<{ name: string; hear(): void }>();
  readonly #far: FarPosting | undefined;
  /** Sessions that are being made, by their names. */
  readonly #opening = new Map<string, Promise<PostedSession>>();
  readonly #deleted = new DeletedNames();
  readonly #observing: Disposable;

  constructor({ host, publishing, lineages, far }: CloudPostingOptions) {
    this.#far = far;
    far?.lend((session) => this.#posterHere(session));
    this.frameBytes = host.frameBytes;
    this.#publishing = publishing;
    this.#lineages = lineages;
    this.#observing = host.subscribe({
      onFound: ({ id }) => this.#found.add(id),
      onAnswered: ({ id, name }) => {
        this.#live.set(id, name);
        for (const one of this.#awaited) if (one.name === name) one.hear();
      },
      onClosed: ({ id, name }, reason, code) => {
        this.#live.delete(id);
        const isFar = this.#found.delete(id);
        this.#taking.delete(id);
        const session = this.#sessions.get(id);
        // Of another node's it isn't known whether it was posted to.
        const isDeleted = code === "deleted" && (isFar || session);
        if (isDeleted) this.#deleted.note(name);
        if (session === undefined) return;
        this.#sessions.delete(id);
        session.poster.end(endError(code, reason));
      },
    });
  }

  /** Whether a session lives that clouds are posted to. */
  has(session: string): boolean {
    return this.#sessions.has(session) || this.#far?.has(session) === true;
  }

  /**
   * Gets the session that is posted to, or makes one.
   *
   * @param isNew called before one is made, or another node is asked for one.
   * @throws {HttpProblem} 400 for what can't be its name, 403 where it is
   * somebody else's.
   * @throws {HostError} `name-taken` where it is one that isn't posted to,
   * `deleted` where an operator has just deleted it, or what
   * `SessionHost.publish` throws.
   */
  async open(
    { session, remote, access }: PostRequest,
    isNew: () => void,
  ): Promise<PostedSession> {
    const known = this.#sessions.get(session) ?? this.#opening.get(session);
    if (known !== undefined) {
      const { id } = await known;
      this.#lineages.checkOwn(access, id);
      return await known;
    }
    const far = this.#farSession(session, access);
    if (far !== undefined) {
      // Whether it is posted to at all its node says.
      if (!this.#taking.has(far.id)) isNew();
      return far;
    }
    // An id needn't be a name; whose it is has it.
    if (!this.#live.has(session)) checkName(session);
    this.#deleted.refuse(session);
    isNew();
    const opened = this.#make({ session, remote, access }).catch((error) =>
      this.#whenHeard(session, access, error)
    );
    this.#opening.set(session, opened);
    try {
      return await opened;
    } finally {
      this.#opening.delete(session);
    }
  }

  /** Lets go of what is posted to. */
  [Symbol.dispose](): void {
    this.#observing[Symbol.dispose]();
    const stopped = new HostError("closed", "The server stopped");
    for (const { poster } of this.#sessions.values()) poster.end(stopped);
    this.#sessions.clear();
  }

  /** One of another node's; nothing where it is none. */
  #farSession(id: string, access: Access): PostedSession | undefined {
    const name = this.#live.get(id);
    if (name === undefined || !this.#far?.has(id)) return undefined;
    this.#lineages.checkOwn(access, id);
    const there = this.#far.posterOf(id);
    const post = async (posted: Posted) => {
      const mistake = await there.post(posted);
      if (this.#found.has(id)) this.#taking.add(id);
      return mistake;
    };
    return { id, name, poster: { post } };
  }

  /** The session that another node has just made, or is making. */
  async #whenHeard(
    name: string,
    access: Access,
    error: unknown,
  ): Promise<PostedSession> {
    const isTaken = error instanceof HostError && error.code === "name-taken";
    if (this.#far === undefined || !isTaken) throw error;
    const find = () =>
      this.#live.entries().find(([, called]) => called === name)?.[0];
    let id = find();
    if (id === undefined) {
      const { promise: heard, resolve: hear } = Promise.withResolvers<void>();
      const one = { name, hear };
      this.#awaited.add(one);
      await settlesWithin(HEARD_MS, heard);
      this.#awaited.delete(one);
      id = find();
    }
    const far = id === undefined ? undefined : this.#farSession(id, access);
    if (far === undefined) throw error;
    return far;
  }

  /** @throws {HostError} `name-taken` by one that isn't posted to. */
  #posterHere(id: string): Poster {
    const own = this.#sessions.get(id);
    if (own !== undefined) return own.poster;
    const name = this.#live.get(id);
    if (name === undefined) throw noSession(id);
    // Other nodes may hear of it before its first answer is here.
    const opening = this.#opening.get(name);
    if (opening !== undefined) {
      return { post: async (posted) => (await opening).poster.post(posted) };
    }
    const why = `The name ${name} is in use: a session that isn't posted to ` +
      "has it until it ends";
    throw new HostError("name-taken", why);
  }

  async #make(
    { session, remote, access }: PostRequest,
  ): Promise<PostedSession> {
    const { port1, port2 } = new MessageChannel();
    const poster = new CloudPoster(port1);
    try {
      const { id, name = session } = await this
        .#publishing.open({ name: session, remote }, access, port2);
      const made = { id, name, poster };
      this.#sessions.set(id, made);
      return made;
    } catch (error) {
      poster.end(new HostError("closed", "There is no session"));
      throw error;
    }
  }
}

function endError(code: string, reason: string): HostError {
  const message = `The session is over: ${reason}`;
  switch (code) {
    case "deleted":
      return new HostError("deleted", message);
    case "limit":
      return new HostError("limit", message);
    default:
      return new HostError("no-session", message);
  }
}
