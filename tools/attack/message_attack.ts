/** Attacks of peers that send messages over SCTP. */
import { setTimeout as delay } from "node:timers/promises";
import { DATA_FLAG } from "../../lib/transport/sctp/packet.ts";
import {
  type Attack,
  type AttackContext,
  type Sent,
  SLACK_MIB,
} from "./attack.ts";
import { type HostileOptions, HostilePeer } from "./hostile_peer.ts";

const { beginning, ending } = DATA_FLAG;
/** Flags of a message that is whole. */
export const WHOLE = beginning | ending;
/** Payload protocol identifiers (RFC 8831 section 8). */
export const PROTOCOL = { text: 51, binary: 53 } as const;
/** A fragment as small as it can be, and one that is large. */
export const ONE_BYTE = new Uint8Array(1);
export const LARGE = new Uint8Array(7_000);
/** Time after which one who was refused tries again, milliseconds. */
const REFUSED_MS = 500;

/** Sends something; gives what to wait for, where there is something. */
export type Act = (peer: HostilePeer, turn: number) => Promise<unknown> | void;

export interface MessageAttack extends HostileOptions {
  name: string;
  about: string;
  /** What it may make the server hold, MiB. */
  holds: number;
  /** Peers at once. @default {1} */
  peers?: number;
  /** Sends some chunks; called again and again. */
  act(peer: HostilePeer): Act | Promise<Act>;
}

/** Makes an attack of peers that act until the time is over. */
export function messageAttack(
  { name, about, holds, peers = 1, act, ...options }: MessageAttack,
): Attack {
  return {
    name,
    about,
    budget: SLACK_MIB + peers * holds,
    async run(context) {
      const deadline = performance.now() + context.seconds * 1000;
      const all = await Promise.all(
        Array.from(
          { length: peers },
          () => runPeer(context, options, act, deadline),
        ),
      );
      return all.reduce(add);
    },
  };
}

async function runPeer(
  context: AttackContext,
  options: HostileOptions,
  prepare: MessageAttack["act"],
  deadline: number,
): Promise<Sent> {
  let sent: Sent = { requests: 0, bytes: 0 };
  let lives = 0;
  // One that broke a limit comes back.
  while (performance.now() < deadline) {
    await using peer = await comeIn(context, options);
    if (peer === undefined) continue;
    lives++;
    const act = await prepare(peer);
    for (let turn = 0; peer.isAlive && performance.now() < deadline; turn++) {
      const waiting = act(peer, turn);
      if (waiting !== undefined) await waiting;
    }
    sent = add(sent, peer.sent);
    if (context.comesBack === false) break;
  }
  if (lives === 0) throw new Error("No attacker was let in");
  return sent;
}

/** Connects; one who is refused waits, and may try again. */
async function comeIn(
  context: AttackContext,
  options: HostileOptions,
): Promise<HostilePeer | undefined> {
  try {
    return await HostilePeer.connect(context, options);
  } catch {
    await delay(REFUSED_MS);
    return undefined;
  }
}

function add(a: Sent, b: Sent): Sent {
  return { requests: a.requests + b.requests, bytes: a.bytes + b.bytes };
}
