import fc from "fast-check";
import { assertEquals } from "@std/assert";
import type { SessionHost } from "../../lib/hosting/session_host.ts";
import { encodeF32 } from "../../lib/points/f32/f32.ts";
import { POINTS_PROTOCOL, splitFrame } from "../../lib/wire/frame.ts";
import { Buffer } from "node:buffer";
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { until } from "../support.ts";
import { connectTo, makePeer, offerOf, whenState } from "../transport/pair.ts";
import { keep, replayOf } from "./fuzz.ts";
import { anyMutant, mutate } from "./mutations.ts";
import { fuzzSettings, inputsOf } from "./settings.ts";

/** One who has a session, and sends it what no peer should. */
export interface Attacker extends AsyncDisposable {
  send(message: Uint8Array<ArrayBuffer>): void | Promise<void>;
  /** Whether its session still listens: it may have ended its own. */
  isAlive(): boolean;
}

export interface AttackOptions {
  /** The target's, for the file of failing input. */
  name: string;
  corpus: readonly Uint8Array[];
  host: SessionHost;
  /** Connects a new attacker, when the one before has lost its session. */
  connect(): Promise<Attacker>;
}

/** Messages between two looks at whether all is well. */
const BATCH = 40;

/**
 * Has attackers send mutated messages to their sessions, while another publishes
 * beside them. Fails where anything is thrown that nobody catches, or the other
 * loses a frame; the last batches are written to `fuzz-failures/`.
 */
export async function attack(options: AttackOptions): Promise<void> {
  const { name, corpus, host, connect } = options;
  const { seed, replay, isTold } = fuzzSettings();
  const messages = replay === undefined
    ? fc.sample(anyMutant, { seed, numRuns: inputsOf(name) })
      .map((mutant) => () => mutate(corpus, mutant))
    : (await replayOf<Uint8Array[]>(name, replay) ?? [])
      .map((message) => () => message);
  if (messages.length === 0) return;
  using uncaught = catchUncaught();
  await using bystander = await Bystander.connect(host);
  await using cleanup = new AsyncDisposableStack();
  let attacker: Attacker | undefined;
  let lives = 0;
  let sent: Uint8Array[] = [];
  for (let at = 0; at < messages.length; at += BATCH) {
    if (attacker?.isAlive() !== true) {
      await attacker?.[Symbol.asyncDispose]();
      attacker = await connect();
      lives++;
      sent = [];
    }
    for (const make of messages.slice(at, at + BATCH)) {
      const message = make();
      sent.push(message);
      await attacker.send(message.slice());
    }
    await bystander.publish();
    if (uncaught.errors.length === 0) continue;
    cleanup.use(attacker);
    const file = await keep(name, seed, sent);
    const cause = uncaught.errors[0];
    throw new Error(`fuzz: ${name}, seed ${seed}: see ${file}`, { cause });
  }
  await attacker?.[Symbol.asyncDispose]();
  if (isTold) {
    console.log(`${name}: ${messages.length} inputs, ${lives} sessions`);
  }
}

/** Collects what would end a process, until the end of the scope. */
export function catchUncaught(): Disposable & { errors: unknown[] } {
  const errors: unknown[] = [];
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    errors.push(event.reason);
  };
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    errors.push(event.error);
  };
  addEventListener("unhandledrejection", onRejection);
  addEventListener("error", onError);
  return {
    errors,
    [Symbol.dispose]() {
      removeEventListener("unhandledrejection", onRejection);
      removeEventListener("error", onError);
    },
  };
}

/** One who publishes, and must not notice anything. */
export class Bystander implements AsyncDisposable {
  readonly #cleanup = new AsyncDisposableStack();
  readonly #host: SessionHost;
  readonly #id: string;
  readonly #channel: RTCDataChannel;
  #frame = 0;

  private constructor(host: SessionHost, id: string, channel: RTCDataChannel) {
    this.#host = host;
    this.#id = id;
    this.#channel = channel;
  }

  static async connect(host: SessionHost): Promise<Bystander> {
    await using cleanup = new AsyncDisposableStack();
    const { peer } = cleanup.use(await makePeer({ onError: () => {} }));
    const protocol = POINTS_PROTOCOL;
    const channel = peer.createDataChannel("points", { protocol });
    const id = await publishTo(host, peer);
    await whenState(channel, "open");
    const bystander = new Bystander(host, id, channel);
    bystander.#cleanup.use(cleanup.move());
    return bystander;
  }

  /** Sends a frame, and waits until it has arrived. */
  async publish(): Promise<void> {
    const number = this.#frame++;
    const values = new Float32Array(3000).fill(number);
    const info = {
      number,
      codec: "f32" as const,
      points: 1000,
      captureTime: 1,
    };
    for (const message of splitFrame(encodeF32(values), info, 16_000)) {
      this.#channel.send(Buffer.from(message.buffer));
    }
    const arrived = async () =>
      (await this.#host.session(this.#id)).points.frames > number;
    await until(arrived, { what: `frame ${number}` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { points } = await this.#host.session(this.#id);
    await this.#cleanup.disposeAsync();
    const { frames, invalid, skipped } = points;
    assertEquals([frames, invalid, skipped], [this.#frame, 0, 0]);
  }
}

/** Connects a peer to a host. @returns the session's id. */
export async function publishTo(
  host: SessionHost,
  peer: RTCPeerConnection,
): Promise<string> {
  const offer = await offerOf(peer);
  const { id, sdp } = await host.publish({ offer, remote: "127.0.0.1" });
  await connectTo(peer, sdp);
  return id;
}
