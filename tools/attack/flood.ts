/** What an abuser does to a server: offers, idle connections, slow bodies. */
import { setTimeout as delay } from "node:timers/promises";
import type { RTCPeerConnection } from "werift";
import { createPeer, whenConnected } from "../../lib/transport/peer.ts";
import { JSON_TYPE } from "./http.ts";
import { deadOffer } from "./offers.ts";

export interface FloodOptions {
  /** The server's address. */
  url: string;
  /** Offers in all: every second one is of a peer that connects. */
  offers: number;
  /** Time that they are spread over. */
  seconds: number;
}

export interface FloodResult {
  /** Answers by their status; 0 where there was none. */
  statuses: Record<number, number>;
  /** Refusals without `Retry-After`. */
  unhelpful: number;
  /** Ids of the sessions that were made, of either kind. */
  sessions: string[];
  /** How many peers connected. */
  connected: number;
}

/** Posts offers at a steady pace, whatever comes of them. */
export async function flood(
  { url, offers, seconds }: FloodOptions,
): Promise<FloodResult> {
  await using callers = new Callers(url);
  const answers: Promise<void>[] = [];
  const started = performance.now();
  for (let i = 0; i < offers; i++) {
    const due = started + i / offers * seconds * 1000;
    await delay(Math.max(0, due - performance.now()));
    answers.push(i % 2 === 0 ? callers.callDead() : callers.call());
  }
  await Promise.all(answers);
  await callers.hungUp();
  return callers.result;
}

interface Caller {
  peer: RTCPeerConnection;
  offer: string;
}

const MAX_CALLERS = 16;

/** Those who call: one who isn't answered waits, and calls again. */
class Callers implements AsyncDisposable {
  readonly result: FloodResult = {
    statuses: {},
    unhelpful: 0,
    sessions: [],
    connected: 0,
  };
  readonly #url: string;
  // What is kept open would be counted as the server's open files.
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  /** Those who were refused, and those who wait for one. */
  readonly #free: Caller[] = [];
  readonly #wanted: ((caller: Caller) => void)[] = [];
  #made = 0;
  readonly #calls: Promise<void>[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  /** Calls, and hangs up as soon as it is connected. */
  async call(): Promise<void> {
    const caller = await this.#take();
    const answer = await this.#post(caller.offer);
    if (answer === undefined) this.#giveBack(caller);
    else this.#calls.push(this.#connect(caller, answer));
  }

  /** Makes an offer, and does nothing more. */
  async callDead(): Promise<void> {
    await this.#post(deadOffer());
  }

  /** Waits until every call is over. */
  async hungUp(): Promise<void> {
    await Promise.all(this.#calls);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await Promise.all(this.#free.map(({ peer }) => peer.close()));
  }

  /** Peers cost the caller too: there are only so many at once. */
  #take(): Promise<Caller> {
    const free = this.#free.shift();
    if (free !== undefined) return Promise.resolve(free);
    if (this.#made < MAX_CALLERS) {
      this.#made++;
      return makeCaller();
    }
    return new Promise((resolve) => this.#wanted.push(resolve));
  }

  #giveBack(caller: Caller): void {
    const wanted = this.#wanted.shift();
    if (wanted !== undefined) wanted(caller);
    else this.#free.push(caller);
  }

  async #connect({ peer }: Caller, sdp: string): Promise<void> {
    await peer.setRemoteDescription({ type: "answer", sdp });
    // The server may have given it up, where the machine is busy.
    const connected = whenConnected(peer, { timeoutMs: 5_000 });
    await connected.then(() => this.result.connected++, () => {});
    await peer.close();
    this.#giveBack(await makeCaller());
  }

  /** Gives the answer's SDP, where there is one. */
  async #post(sdp: string): Promise<string | undefined> {
    const { statuses, sessions } = this.result;
    const response = await fetch(`${this.#url}/offer`, {
      method: "POST",
      headers: JSON_TYPE,
      body: JSON.stringify({ type: "offer", sdp }),
      client: this.#client,
    }).catch(() => undefined);
    const status = response?.status ?? 0;
    statuses[status] = (statuses[status] ?? 0) + 1;
    const answer = await response?.json();
    if (status === 200) {
      sessions.push(answer.session);
      return answer.sdp;
    }
    if (!response?.headers.has("retry-after")) this.result.unhelpful++;
  }
}

async function makeCaller(): Promise<Caller> {
  const peer = createPeer({ loopback: true });
  peer.createDataChannel("points", { protocol: "pointwire.v1" });
  await peer.setLocalDescription(await peer.createOffer());
  return { peer, offer: peer.localDescription!.sdp };
}

/** Opens connections that say nothing. */
export async function openIdle(
  url: string,
  count: number,
): Promise<Disposable> {
  const connections: Deno.TcpConn[] = [];
  for (let i = 0; i < count; i++) connections.push(await connect(url));
  return {
    [Symbol.dispose]: () => connections.forEach((c) => c.close()),
  };
}

/**
 * Posts a body that never ends, a byte at a time.
 *
 * @returns the status that it is answered with.
 */
export async function postForEver(url: string): Promise<number> {
  using connection = await connect(url);
  const write = (text: string) =>
    connection.write(new TextEncoder().encode(text));
  await write(
    "POST /offer HTTP/1.1\r\nHost: localhost\r\n" +
      "Content-Type: application/json\r\nContent-Length: 10000\r\n\r\n{",
  );
  const drip = setInterval(() => void write(" ").catch(() => {}), 500);
  try {
    const head = new Uint8Array(64);
    const count = await connection.read(head);
    const text = new TextDecoder().decode(head.subarray(0, count ?? 0));
    return Number(/^HTTP\/1\.1 (\d+) /.exec(text)?.[1] ?? 0);
  } finally {
    clearInterval(drip);
  }
}

function connect(url: string): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(url);
  return Deno.connect({ hostname, port: Number(port) });
}
