/** Limits of who may have how much, which all nodes hold together. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ServerProcess } from "../../tools/processes.ts";
import { freePort } from "../free_port.ts";
import { testWith, until } from "../support.ts";
import { data, offer } from "../transport/sdp/offers.ts";
import { Nats } from "./nats.ts";
import { publishAt, startNode, whenListed, whenMet } from "./nodes.ts";

const LEAKY = { sanitizeOps: false, sanitizeResources: false };
const OFFER = offer([], [data({ mid: "0" })]);

const OF_ADDRESS = /^Your address has all the watchers/;
const OF_SESSION = /^The session has all the watchers/;

/** Somebody who reads all clouds of a session, or is refused. */
interface Reader {
  /** Why it was refused. */
  refused?: string;
  leave(): Promise<void>;
}

async function readAt({ url }: ServerProcess): Promise<Reader> {
  const response = await fetch(`${url}/sessions/robot/points.npys`);
  if (response.status !== 200) {
    const { detail } = await response.json();
    return { refused: detail, leave: async () => {} };
  }
  const reader = response.body!.getReader();
  void (async () => {
    while (!(await reader.read()).done);
  })().catch(() => {});
  return { leave: () => reader.cancel().catch(() => {}) };
}

/** Takes places at all nodes at once, until none has one. */
async function readEverywhere(
  nodes: ServerProcess[],
  full: RegExp,
): Promise<Reader[]> {
  const readers: Reader[] = [];
  await until(async () => {
    const asked = nodes.flatMap((node) => Array(6).fill(node)).map(readAt);
    const all = await Promise.all(asked);
    readers.push(...all.filter(({ refused }) => refused === undefined));
    return all.every(({ refused }) => full.test(refused ?? ""));
  }, { what: "that no node has a place left" });
  return readers;
}

testWith(
  ["nats-server"],
  "Watchers of one address are counted wherever they are",
  async () => {
    const args = ["--max-watchers-per-address", "7"];
    await using nats = await Nats.start(freePort());
    await using a = await startNode(nats, "a", args);
    await using b = await startNode(nats, "b", args);
    await using c = await startNode(nats, "c", args);
    await whenMet([a, b, c]);
    await using _client = publishAt(a, "robot", ["--media", "none"]);
    await Promise.all([a, b, c].map((node) => whenListed(node, "robot")));
    const readers = await readEverywhere([a, b, c], OF_ADDRESS);
    const taken = readers.length;
    // A few too many may come at once; each by itself, they would take 21.
    assert(taken >= 7 && taken <= 11, `${taken} watchers`);
    // A place that one node gets back can be had at another.
    const left = readers.splice(0, taken - 6);
    await Promise.all(left.map((reader) => reader.leave()));
    const again = await until(async () => {
      const reader = await readAt(c);
      return reader.refused ? undefined : reader;
    }, { what: "a place at another node" });
    // One that is gone has none.
    await b.stop("SIGKILL");
    await whenMet([a, c]);
    const more = await readEverywhere([a, c], OF_ADDRESS);
    await Promise.all(
      [again, ...readers, ...more].map((reader) => reader.leave()),
    );
  },
  LEAKY,
);

testWith(
  ["nats-server"],
  "Watchers of a session are counted wherever they are",
  async () => {
    const args = ["--max-watchers", "3"];
    await using nats = await Nats.start(freePort());
    await using a = await startNode(nats, "a", args);
    await using b = await startNode(nats, "b", args);
    await whenMet([a, b]);
    await using _client = publishAt(a, "robot", ["--media", "none"]);
    await Promise.all([a, b].map((node) => whenListed(node, "robot")));
    const readers = await readEverywhere([b], OF_SESSION);
    assertEquals(readers.length, 3);
    const refused = async () => (await readAt(a)).refused ?? "";
    await until(async () => OF_SESSION.test(await refused()), {
      what: "the word of the other node",
    });
    // Cut off it goes on with what it last knew.
    await nats.kill();
    assertMatch(await refused(), OF_SESSION);
    await Promise.all(readers.map((reader) => reader.leave()));
  },
  LEAKY,
);

testWith(
  ["nats-server"],
  "Sessions of one address are counted wherever they are",
  async () => {
    const args = ["--max-sessions-per-address", "2"];
    await using nats = await Nats.start(freePort());
    await using a = await startNode(nats, "a", args);
    await using b = await startNode(nats, "b", args);
    await whenMet([a, b]);
    await using _first = publishAt(a, "first", ["--media", "none"]);
    await whenListed(b, "first");
    await using _second = publishAt(b, "second", ["--media", "none"]);
    await whenListed(a, "second");
    for (const node of [a, b]) {
      const refused = await until(async () => {
        const refused = await offerAt(node, OFFER);
        return /^Your address has all/.test(refused.detail)
          ? refused
          : undefined;
      }, { what: "the word of the other node" });
      assertEquals(refused.status, 429);
    }
  },
  LEAKY,
);

testWith(
  ["nats-server"],
  "Offers of one address are counted wherever they come",
  async () => {
    const RATE = 2;
    // Six seconds' worth may come at once, and at each node, before it is told.
    const BURST = 6 * RATE;
    const args = ["--max-offers-per-second", `${RATE}`];
    await using nats = await Nats.start(freePort());
    await using a = await startNode(nats, "a", args);
    await using b = await startNode(nats, "b", args);
    await whenMet([a, b]);
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    let taken = 0;
    while (seconds() < 6) {
      const asked = await Promise.all(
        [a, b].map((node) => offerAt(node, "no")),
      );
      taken += asked.filter(({ status }) => status !== 429).length;
    }
    const most = Math.max(2 * BURST, BURST + seconds() * RATE) + 2;
    assert(taken >= BURST && taken <= most, `${taken} offers, not ${most}`);
  },
  LEAKY,
);

async function offerAt({ url }: ServerProcess, body: string) {
  const response = await fetch(`${url}/whip`, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body,
  });
  const text = await response.text();
  const { detail = "" } = response.ok ? {} : JSON.parse(text);
  return { status: response.status, detail };
}
