/** What an abuser does to a server: offers, idle connections, slow bodies. */
import { setTimeout as delay } from "node:timers/promises";
import { randomId } from "../../lib/session/random_id.ts";
import { createPeer } from "../../lib/transport/peer.ts";

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
  /** Sessions that were made, of either kind. */
  sessions: string[];
  /** How many peers connected. */
  connected: number;
  /** Seconds that it took. */
  seconds: number;
}

/** Posts offers at a steady pace, whatever comes of them. */
export async function flood(
  { url, offers, seconds }: FloodOptions,
): Promise<FloodResult> {
  const result: FloodResult = {
    statuses: {},
    sessions: [],
    connected: 0,
    seconds: 0,
  };
  await using callers = new Callers(url, result);
  const started = performance.now();
  const answers: Promise<unknown>[] = [];
  for (let i = 0; i < offers; i++) {
    const due = started + i / offers * seconds * 1000;
    await delay(Math.max(0, due - performance.now()));
    answers.push(i % 2 === 0 ? post(url, deadOffer(), result) : callers.call());
  }
  await Promise.all(answers);
  result.seconds = (performance.now() - started) / 1000;
  return result;
}

/** Peers that connect where they are answered, and call again where they aren't. */
class Callers implements AsyncDisposable {
  readonly #url: string;
  readonly #result: FloodResult;
  readonly #waiting: Caller[] = [];
  readonly #hangUps: Promise<void>[] = [];

  constructor(url: string, result: FloodResult) {
    this.#url = url;
    this.#result = result;
  }

  async call(): Promise<void> {
    const caller = this.#waiting.shift() ?? await Caller.make();
    const answer = await post(this.#url, caller.offer, this.#result);
    if (answer === undefined) this.#waiting.push(caller);
    else this.#hangUps.push(this.#connect(caller, answer));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#hangUps);
    await Promise.all(this.#waiting.map(({ peer }) => peer.close()));
  }

  async #connect({ peer }: Caller, sdp: string): Promise<void> {
    await peer.setRemoteDescription({ type: "answer", sdp });
    const { promise, resolve } = Promise.withResolvers<void>();
    peer.connectionStateChange.subscribe((state) => {
      if (state === "connected") this.#result.connected++;
      if (state !== "connecting" && state !== "new") resolve();
    });
    await promise;
    await peer.close();
  }
}

class Caller {
  private constructor(
    readonly peer: ReturnType<typeof createPeer>,
    readonly offer: string,
  ) {}

  static async make(): Promise<Caller> {
    const peer = createPeer({ loopback: true });
    peer.createDataChannel("points", { protocol: "pointwire.v1" });
    await peer.setLocalDescription(await peer.createOffer());
    return new Caller(peer, peer.localDescription!.sdp);
  }
}

/** A proper offer of a peer that is nowhere. */
export function deadOffer(): string {
  return [
    ...["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"],
    ...["a=group:BUNDLE 0"],
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    ...["c=IN IP4 0.0.0.0", "a=mid:0", "a=sctp-port:5000"],
    ...["a=setup:actpass", `a=ice-ufrag:${randomId().slice(0, 4)}`],
    `a=ice-pwd:${randomId()}`,
    `a=fingerprint:sha-256 ${Array(32).fill("AB").join(":")}`,
    "a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host",
    "a=end-of-candidates",
    "",
  ].join("\r\n");
}

/** Posts an offer; gives the answer's SDP, where there is one. */
async function post(
  url: string,
  sdp: string,
  { statuses, sessions }: FloodResult,
): Promise<string | undefined> {
  const body = JSON.stringify({ type: "offer", sdp });
  const response = await fetch(`${url}/offer`, { method: "POST", body })
    .catch(() => undefined);
  const status = response?.status ?? 0;
  statuses[status] = (statuses[status] ?? 0) + 1;
  const answer = await response?.json().catch(() => undefined);
  if (status !== 200) return undefined;
  sessions.push(answer.session);
  return answer.sdp;
}

/** Opens connections that say nothing. */
export async function openIdle(
  url: string,
  count: number,
): Promise<Disposable & { connections: Deno.TcpConn[] }> {
  const { hostname, port } = new URL(url);
  const connections: Deno.TcpConn[] = [];
  for (let i = 0; i < count; i++) {
    connections.push(await Deno.connect({ hostname, port: Number(port) }));
  }
  return {
    connections,
    [Symbol.dispose]: () => connections.forEach((c) => c.close()),
  };
}

/**
 * Begins to post a body, and never ends.
 *
 * @returns the status line that comes, once the server has hung up.
 */
export async function postForEver(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const head =
    "POST /offer HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n";
  await connection.write(new TextEncoder().encode(`${head}{`));
  const drip = setInterval(
    () => void connection.write(Uint8Array.of(0x20)).catch(() => {}),
    500,
  );
  try {
    const text = await new Response(connection.readable).text();
    return text.split("\r\n", 1)[0];
  } finally {
    clearInterval(drip);
  }
}
