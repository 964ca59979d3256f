/** TCP connections that are held, and say little. */
import { type Attack, SLACK_MIB } from "./attack.ts";
import { openIdle, postForEver } from "./flood.ts";
import { repeat, Requests, stay } from "./http.ts";

/** File descriptors of a server that is to run out of them. */
const FEW_DESCRIPTORS = 256;
/** Connections that wait in the kernel's queue beyond those. */
const BEYOND = 100;
const IDLE_CONNECTIONS = 500;
const SLOW_BODIES = 50;
const SLOW_HEADS = 200;

const countOf = (requests: number) => ({ requests, bytes: 0 });

export const CONNECTION_ATTACKS: readonly Attack[] = [
  {
    name: "descriptors",
    about: "connections until the server has no file descriptor left",
    budget: SLACK_MIB,
    descriptors: FEW_DESCRIPTORS,
    isOutage: true,
    async run(context) {
      const started = performance.now();
      const requests = new Requests(context);
      const held: Deno.Conn[] = [];
      try {
        while (held.length < FEW_DESCRIPTORS + BEYOND) {
          held.push(await requests.connect());
        }
      } catch {
        // The server takes no more: nobody listens any longer.
      }
      await stay(context, started);
      return countOf(held.length);
    },
  },
  {
    name: "idle-connections",
    about: "500 connections that say nothing",
    budget: SLACK_MIB,
    async run(context) {
      const started = performance.now();
      using _held = await openIdle(context.url, IDLE_CONNECTIONS);
      await stay(context, started);
      return countOf(IDLE_CONNECTIONS);
    },
  },
  {
    name: "slow-bodies",
    about: "50 bodies that come a byte at a time",
    budget: SLACK_MIB,
    async run({ url, seconds }) {
      const ends = Array.from({ length: SLOW_BODIES }, () => postForEver(url));
      const late = AbortSignal.timeout(seconds * 1000);
      const over = new Promise((resolve) =>
        late.addEventListener("abort", resolve)
      );
      await Promise.race([Promise.all(ends), over]);
      return countOf(SLOW_BODIES);
    },
  },
  {
    name: "slow-heads",
    about: "200 requests whose heads come a line at a time",
    budget: SLACK_MIB,
    async run(context) {
      const requests = new Requests(context);
      requests.sent.requests = SLOW_HEADS;
      const connections = await Promise.all(
        Array.from({ length: SLOW_HEADS }, () => requests.connect()),
      );
      const all = (text: string) =>
        Promise.all(
          connections.map((each) => requests.write(each, text).catch(() => {})),
        );
      await all("GET /healthz HTTP/1.1\r\nhost: x\r\n");
      await repeat(context, { everyMs: 200 }, () => all("x-more: 1\r\n"));
      return requests.sent;
    },
  },
];
