/** What strangers send by UDP and HTTP, and what has always held. */
import { setTimeout as delay } from "node:timers/promises";
import { udpPortsOf } from "../proc.ts";
import { type Attack, FLOOD_MIB, SESSION_MIB, SLACK_MIB } from "./attack.ts";
import { flood } from "./flood.ts";
import { repeat, Requests } from "./http.ts";

/** Offers a second of a flood. */
const OFFERS_PER_SECOND = 200;
/** Sessions of one address, connected or not, that there may be. */
const MOST_SESSIONS = 100;
/** Datagrams that are sent before the loop turns. */
const BURST = 64;
/** First bytes of STUN, DTLS and SRTP (RFC 7983 section 7), and of others. */
const FIRST_BYTES = [0, 1, 20, 21, 22, 23, 128, 144, 64, 255];
const MAGIC_COOKIE = [0x21, 0x12, 0xa4, 0x42];

/** Makes a datagram that looks like one of a peer's. */
function forge(turn: number): Uint8Array<ArrayBuffer> {
  const datagram = crypto.getRandomValues(new Uint8Array(20 + turn % 300));
  datagram[0] = FIRST_BYTES[turn % FIRST_BYTES.length];
  if (datagram[0] < 2) {
    datagram[1] = 1;
    datagram[2] = datagram.length - 20 >> 8;
    datagram[3] = datagram.length - 20;
    datagram.set(MAGIC_COOKIE, 4);
  } else if (datagram[0] < 24) {
    // DTLS 1.2, of either epoch, and as long as it is.
    datagram.set([254, 253, 0, turn & 1], 1);
    datagram.set([datagram.length - 13 >> 8, datagram.length - 13], 11);
  }
  return datagram;
}

/** Paths that lead out of the page's folder, where anybody follows them. */
const TRAVERSALS = [
  ...["/../deno.json", "/..%2fdeno.json", "/%2e%2e/%2e%2e/deno.json"],
  ...["/../../../../etc/passwd", "/....//....//etc/passwd", "//etc/passwd"],
  ...[
    "/..%5c..%5cdeno.json",
    "/%00/../deno.json",
    "/style.css/../../deno.json",
  ],
  ...["/%252e%252e%252fdeno.json", "/.git/config", "/file:///etc/passwd"],
];

const H2_PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/** Types of frames (RFC 9113 section 6). */
const H2 = { headers: 1, reset: 3, settings: 4 } as const;
/** HEADERS that end a stream, and are whole. */
const H2_END = 0x5;
/** Streams that are opened and reset before the loop turns. */
const H2_BURST = 200;

function h2Frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array,
): Uint8Array {
  const frame = new Uint8Array(9 + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint16(1, payload.length);
  frame[3] = type;
  frame[4] = flags;
  view.setUint32(5, stream);
  frame.set(payload, 9);
  return frame;
}

/** `GET /healthz`, by RFC 7541: three known fields, and a path. */
function h2Request(host: string): Uint8Array {
  const encoder = new TextEncoder();
  const path = encoder.encode("/healthz");
  const name = encoder.encode(host);
  return Uint8Array.of(
    ...[0x82, 0x86, 0x04, path.length, ...path],
    ...[0x01, name.length, ...name],
  );
}

async function resetStreams(requests: Requests, url: string, until: number) {
  using connection = await requests.connect();
  const request = h2Request(new URL(url).host);
  const cancel = Uint8Array.of(0, 0, 0, 8);
  await requests.write(connection, H2_PREFACE);
  await connection.write(h2Frame(H2.settings, 0, 0, new Uint8Array()));
  void connection.readable.pipeTo(new WritableStream()).catch(() => {});
  let stream = 1;
  while (performance.now() < until) {
    const frames: number[] = [];
    for (let i = 0; i < H2_BURST; i++, stream += 2) {
      frames.push(...h2Frame(H2.headers, H2_END, stream, request));
      frames.push(...h2Frame(H2.reset, 0, stream, cancel));
    }
    const bytes = Uint8Array.from(frames);
    for (let at = 0; at < bytes.length;) {
      at += await connection.write(bytes.subarray(at));
    }
    requests.sent.requests += H2_BURST;
    requests.sent.bytes += bytes.length;
    await delay(0);
  }
}

export const STRANGER_ATTACKS: readonly Attack[] = [
  {
    name: "forged-datagrams",
    about: "datagrams like those of peers to every UDP port of the server",
    budget: SLACK_MIB,
    async run({ pid, seconds }) {
      const ports = await udpPortsOf(pid);
      const socket = Deno.listenDatagram({
        ...{ transport: "udp", hostname: "127.0.0.1", port: 0 },
      });
      let answers = 0;
      void (async () => {
        for await (const _ of socket) answers++;
      })();
      const sent = { requests: 0, bytes: 0 };
      const deadline = performance.now() + seconds * 1000;
      for (let turn = 0; performance.now() < deadline; turn++) {
        const datagram = forge(turn);
        const port = ports[turn % ports.length];
        const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
        await socket.send(datagram, to).catch(() => {});
        sent.requests++;
        sent.bytes += datagram.length;
        if (turn % BURST === 0) await delay(1);
      }
      socket.close();
      const breaches = answers > 0 ? [`${answers} were answered`] : [];
      return { ...sent, breaches };
    },
  },
  {
    name: "http2-resets",
    about: "HTTP/2 streams that are opened and reset at once (rapid reset)",
    budget: SLACK_MIB,
    async run(context) {
      const requests = new Requests(context);
      const until = performance.now() + context.seconds * 1000;
      // The server may well hang up, and is called again.
      while (performance.now() < until) {
        await resetStreams(requests, context.url, until).catch(() => {});
        await delay(1);
      }
      return requests.sent;
    },
  },
  {
    name: "traversal",
    about: "paths that lead out of the page's folder",
    budget: SLACK_MIB,
    async run(context) {
      const requests = new Requests(context);
      for (const target of TRAVERSALS) {
        const answer = await requests.ask({ target });
        requests.check(answer, target);
        if (/root:|"imports"|\[core\]/.test(answer.text)) {
          requests.breach(`${target} gave a file`);
        }
      }
      return requests.sent;
    },
  },
  {
    name: "offers-flood",
    about: "200 offers a second, half of them of peers that connect",
    budget: SLACK_MIB + MOST_SESSIONS * SESSION_MIB,
    async run({ url, seconds }) {
      const offers = OFFERS_PER_SECOND * seconds;
      const { statuses, unhelpful } = await flood({ url, offers, seconds });
      const wrong = Object.keys(statuses).filter((status) =>
        !["200", "429", "503"].includes(status)
      );
      const breaches = wrong.map((status) => `an offer was answered ${status}`);
      if (unhelpful > 0) breaches.push("a refusal had no Retry-After");
      return { requests: offers, bytes: 0, breaches };
    },
  },
  {
    name: "requests-flood",
    about: "requests over a connection each, as fast as they go",
    budget: FLOOD_MIB,
    async run(context) {
      const requests = new Requests(context);
      await repeat(context, { atOnce: 16 }, async () => {
        requests.check(await requests.ask({ target: "/sessions" }), "GET");
      });
      return requests.sent;
    },
  },
];
