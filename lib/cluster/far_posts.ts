/** Clouds that are posted at one node to a session of another. */
import { HostError, noSession } from "../hosting/host_error.ts";
import type { FarPosting, Poster } from "../hosting/far_posting.ts";
import type { Posted } from "../hosting/posted_clouds.ts";
import { ByteBudget } from "../limits/byte_budget.ts";
import { randomId } from "../session/random_id.ts";
import { FRAME_HEADER_BYTES } from "../wire/frame.ts";
import type { Bus } from "./bus.ts";
import { type AnsweredError, askNode, describe, errorOf } from "./calls.ts";
import { jsonBytes, readJson } from "./json.ts";
import type { Neighbours } from "./neighbours.ts";
import { joinPiece, type PostedHead, readPiece } from "./posted_pieces.ts";
import type { Subjects } from "./subjects.ts";

/** Most bytes that are held of what other nodes post. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;
/** Longest wait for a piece, and for the word that it came, milliseconds. */
const PIECE_MS = 10_000;
/** What a message has besides the bytes of a piece. */
const OVERHEAD_BYTES = 2048;

export interface FarPostsOptions {
  bus: Bus;
  subjects: Subjects;
  /** This node. */
  instance: string;
  others: Pick<Neighbours, "has" | "directory">;
  /** Most bytes of a frame. */
  frameBytes: number;
}

/** The answer to each piece. */
interface Taken {
  mistake?: string;
  error?: AnsweredError;
}

/** What has come of something that another node posts. */
interface Coming {
  head: PostedHead;
  bytes: Uint8Array<ArrayBuffer>;
  length: number;
  held: Disposable;
  timer: ReturnType<typeof setTimeout>;
}

/**
 * Posts to sessions of other nodes, and has those of this one take what others
 * post: in pieces, of which each waits for the word that the last one came.
 */
export class FarPosts implements FarPosting, Disposable {
  readonly #options: FarPostsOptions;
  readonly #budget = new ByteBudget(MAX_HELD_BYTES);
  readonly #coming = new Map<string, Coming>();
  readonly #life = new DisposableStack();
  #lent: (session: string) => Poster = (session) => {
    throw noSession(session);
  };

  constructor(options: FarPostsOptions) {
    this.#options = options;
    const { bus, subjects, instance } = options;
    const subject = subjects.posts(instance);
    this.#life.use(bus.subscribe(subject, (bytes, respond) => {
      void this.#take(bytes).catch((error): Taken => ({
        error: describe(error),
      })).then((taken) => respond(jsonBytes(taken)));
    }));
  }

  /** Tells whether a session lives on another node. */
  has(session: string): boolean {
    return this.#options.others.has(session);
  }

  /** Posts to a session of another node. */
  posterOf(session: string): Poster {
    return { post: (posted) => this.#post(session, posted) };
  }

  /** Lets other nodes post to sessions of this one. */
  lend(posterOf: (session: string) => Poster): void {
    this.#lent = posterOf;
  }

  /** Lets go of what has come in part. */
  [Symbol.dispose](): void {
    this.#life.dispose();
    for (const id of [...this.#coming.keys()]) this.#drop(id);
  }

  async #post(session: string, posted: Posted): Promise<string | undefined> {
    const { bus, subjects, others } = this.#options;
    const { info } = others.directory.nodeOf(session);
    const isCloud = posted.type === "cloud";
    const given = isCloud ? posted.bytes : posted.message;
    const isText = typeof given === "string";
    const bytes = isText ? new TextEncoder().encode(given) : given;
    const head: PostedHead = {
      ...{ id: randomId(), session, stream: posted.stream, isText },
      ...isCloud
        ? { format: posted.format, captureTime: posted.captureTime }
        : {},
      ...{ at: 0, total: bytes.length },
    };
    const most = bus.maxPayload - OVERHEAD_BYTES;
    let taken: Taken = {};
    do {
      const piece = bytes.subarray(head.at, head.at + most);
      const message = joinPiece(head, piece);
      const subject = subjects.posts(info.instance);
      const answer = await askNode(bus, subject, message, PIECE_MS);
      taken = readJson<Taken>(answer) ?? {};
      if (taken.error !== undefined) throw errorOf(taken.error);
      head.at += piece.length;
    } while (head.at < head.total);
    return taken.mistake;
  }

  async #take(message: Uint8Array): Promise<Taken> {
    const { head, piece } = readPiece(message);
    const { id, session, at, total } = head;
    const poster = this.#lent(session);
    const coming = this.#coming.get(id) ?? this.#begin(head);
    const end = at + piece.length;
    if (coming.length !== at || end > coming.bytes.length) {
      this.#drop(id);
      throw new HostError("no-node", "A part of what was posted was lost");
    }
    coming.bytes.set(piece, at);
    coming.length = end;
    clearTimeout(coming.timer);
    if (end < total) {
      coming.timer = setTimeout(() => this.#drop(id), PIECE_MS);
      return {};
    }
    try {
      return { mistake: await poster.post(postedOf(coming)) };
    } finally {
      this.#drop(id);
    }
  }

  #begin(head: PostedHead): Coming {
    const { total } = head;
    const most = this.#options.frameBytes + FRAME_HEADER_BYTES;
    if (total > most) {
      const why = `A cloud of ${total} bytes is larger than the session's ` +
        `node takes: at most ${most}`;
      throw new HostError("unusable", why);
    }
    const held = this.#budget.take(total);
    if (held === undefined) {
      const why = "The session's node holds all that it may of posted clouds";
      throw new HostError("no-node", why);
    }
    const timer = setTimeout(() => this.#drop(head.id), PIECE_MS);
    const bytes = new Uint8Array(total);
    const coming = { head, bytes, length: 0, held, timer };
    this.#coming.set(head.id, coming);
    return coming;
  }

  #drop(id: string): void {
    const coming = this.#coming.get(id);
    if (coming === undefined) return;
    this.#coming.delete(id);
    clearTimeout(coming.timer);
    coming.held[Symbol.dispose]();
  }
}

function postedOf({ head, bytes }: Coming): Posted {
  const { stream, format, captureTime, isText } = head;
  if (format !== undefined) {
    return { type: "cloud", stream, format, bytes, captureTime };
  }
  const message = isText ? new TextDecoder().decode(bytes) : bytes;
  return { type: "message", stream, message };
}
