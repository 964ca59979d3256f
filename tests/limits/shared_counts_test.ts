import { assert, assertEquals, assertThrows } from "@std/assert";
import { LimitError } from "../../lib/limits/limit_error.ts";
import { Occupancy } from "../../lib/limits/occupancy.ts";
import { SharedCounts } from "../../lib/limits/shared_counts.ts";
import type { ToldCounts } from "../../lib/limits/told_counts.ts";

const LIMIT = "watchers-per-address";

interface Server {
  name: string;
  shared: SharedCounts;
  places: Occupancy;
}

function makeServers(count: number, max: number): Server[] {
  const servers = Array.from({ length: count }, (_, index) => {
    const shared = new SharedCounts();
    const places = new Occupancy({
      ...{ limit: LIMIT, max, full: "It is full", retryAfterS: 10, shared },
    });
    return { name: `${index}`, shared, places };
  });
  for (const server of servers) tell(server, servers, server.shared.all());
  tellAll(servers);
  return servers;
}

/** What one tells comes to all others. */
function tell(
  from: Server,
  servers: Server[],
  told = from.shared.changes(),
): void {
  if (told === undefined) return;
  const plain = JSON.parse(JSON.stringify(told));
  for (const { name, shared } of servers) {
    if (name !== from.name) shared.take(from.name, plain, name);
  }
}

/** They tell each other until all has been heard. */
function tellAll(servers: Server[]): void {
  for (let told = true; told;) {
    const words = servers.map((server) => server.shared.changes());
    servers.forEach((server, i) => tell(server, servers, words[i]));
    told = words.some((word) => word !== undefined);
  }
}

/** Takes places until one is refused, and says how many and when to ask. */
function fill({ places }: Server): { taken: Disposable[]; retry?: number } {
  const taken: Disposable[] = [];
  while (true) {
    try {
      taken.push(places.enter("a"));
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      return { taken, retry: error.retryAfterS };
    }
  }
}

Deno.test("A server alone has all places at once", () => {
  const [server] = makeServers(1, 100);
  assertEquals(fill(server).taken.length, 100);
});

Deno.test("What others have counts, and is free again when they leave", () => {
  const servers = makeServers(2, 2);
  const [here, there] = servers;
  const left = there.places.enter("a");
  tell(there, servers);
  here.places.enter("a");
  const error = assertThrows(() => here.places.enter("a"), LimitError);
  assertEquals(error.message, "It is full");
  here.places.enter("b");
  left[Symbol.dispose]();
  tell(there, servers);
  tellAll(servers);
  here.places.enter("a");
});

// Each takes all that it is given before and after each word. Words are late:
// the next comes to all when it is drawn, as over one NATS server. Without words
// they would take 100 each.
for (const count of [2, 3, 7]) {
  Deno.test(`${count} servers that take at once take few too many`, () => {
    const MAX = 100;
    for (let seed = 1; seed <= 100; seed++) {
      const servers = makeServers(count, MAX);
      const draw = drawer(seed);
      const late: { from: Server; told: ToldCounts }[] = [];
      let total = 0;
      for (let step = 0; step < 1_000; step++) {
        total += fill(servers[draw(count)]).taken.length;
        const from = servers[draw(count)];
        const told = from.shared.changes();
        if (told !== undefined) late.push({ from, told });
        const word = draw(2) === 0 ? late.shift() : undefined;
        if (word !== undefined) tell(word.from, servers, word.told);
      }
      assert(
        total >= MAX && total <= MAX + 2 * count,
        `${total}, seed ${seed}`,
      );
    }
  });
}

/** Draws numbers below another, the same ones for a seed. */
function drawer(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

Deno.test("A word that was lost isn't taken for heard", () => {
  const servers = makeServers(2, 10);
  const [here, there] = servers;
  assertEquals(fill(here).taken.length, 5);
  here.shared.changes();
  here.places.enter("b");
  tellAll(servers);
  assertEquals([fill(here).taken.length, fill(there).taken.length], [0, 5]);
  for (const server of [...servers, ...servers]) {
    tell(server, servers, server.shared.all());
  }
  assertEquals(fill(here).retry, 10);
});

Deno.test("One that is refused as others are still to be told may ask soon", () => {
  const servers = makeServers(2, 10);
  const { taken, retry } = fill(servers[0]);
  assertEquals([taken.length, retry], [5, 1]);
});

Deno.test("A server that is gone has nothing any more", () => {
  const servers = makeServers(2, 2);
  const [here, there] = servers;
  fill(there);
  tell(there, servers);
  here.shared.keep(new Set());
  assertEquals(fill(here).taken.length, 2);
});

Deno.test("What was lost on its way is told again with all", () => {
  const servers = makeServers(2, 2);
  const [here, there] = servers;
  const place = there.places.enter("a");
  there.shared.changes();
  tell(there, servers, there.shared.all());
  assertEquals(here.shared.vacancy(LIMIT, "a", 1), "full");
  place[Symbol.dispose]();
  there.shared.changes();
  tell(there, servers, there.shared.all());
  assertEquals(here.shared.vacancy(LIMIT, "a", 1), "free");
});

Deno.test("Offers that others took are told once", () => {
  const servers = makeServers(2, 1);
  const [here, there] = servers;
  const told: [string, number][] = [];
  here.shared.onOffers((...offers) => told.push(offers));
  for (let i = 0; i < 3; i++) there.shared.noteOffer("a");
  tell(there, servers);
  tell(there, servers);
  assertEquals(told, [["a", 3]]);
});

Deno.test("Of many keys those of the most are told, and so many kept", () => {
  const shared = new SharedCounts();
  for (let i = 0; i < 5_000; i++) shared.note(LIMIT, `${i}`, i % 10 + 1);
  const [[, pairs]] = shared.all().counts;
  const all = pairs.map(([, count]) => count);
  assertEquals([all.length, Math.min(...all)], [512, 9]);
  let told = 0;
  for (let next = shared.changes(); next; next = shared.changes()) {
    told += next.counts[0][1].length;
  }
  assertEquals(told, 5_000);
  const other = new SharedCounts();
  for (let i = 0; i < 5_000; i++) {
    other.take("far", { counts: [[LIMIT, [[`${i}`, 1]]]] }, "here");
  }
  assertEquals(other.vacancy(LIMIT, "511", 1), "full");
  assertEquals(other.vacancy(LIMIT, "512", 1), "free");
});

Deno.test("What can't be counted is left out", () => {
  const shared = new SharedCounts();
  const counts = [
    ...[["a", 1.5], ["b", -1], ["c", "1"], ["d", 2], ["k".repeat(301), 1]],
    ...[7, null, ["e"], "f2", {}],
  ];
  for (const told of [counts, null, 7, "words", [[[]]], { length: 3 }]) {
    for (const limit of [LIMIT, "sessions", "constructor"]) {
      const said = { counts: [[limit, told], told], offers: told, heard: told };
      shared.take("far", JSON.parse(JSON.stringify(said)), "here");
    }
  }
  const vacancies = ["a", "b", "c", "d", "k".repeat(301), "e", "f"]
    .map((key) => shared.vacancy(LIMIT, key, 2));
  assertEquals(vacancies, [
    ...["free", "free", "free", "full", "free", "free", "free"],
  ]);
});
