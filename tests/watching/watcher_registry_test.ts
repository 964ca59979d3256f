/** The watchers of two mirrors of one session, one after the other. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { Feed } from "../../lib/session/feed.ts";
import type { ByeCode } from "../../lib/wire/messages.ts";
import { makePeer, offerOf, peerTest } from "../transport/pair.ts";

/** A session whose node was lost sight of, and is back, has the same id. */
function makeMirror() {
  const closed = Promise.withResolvers<string>();
  return {
    id: "a",
    feed: new Feed(),
    closed: closed.promise,
    endCode: undefined as ByeCode | undefined,
    end(reason: string) {
      this.endCode = "lost";
      closed.resolve(reason);
    },
  };
}

peerTest(
  "Watchers end with the mirror that they watch, and no other",
  async () => {
    const { WatcherRegistry } = await import(
      "../../lib/watching/watcher_registry.ts"
    );
    await using registry = new WatcherRegistry({
      log: createLogger({ write: () => {} }),
    });
    const [first, second] = [makeMirror(), makeMirror()];
    await using one = await makePeer();
    await using other = await makePeer();
    const offers: string[] = [];
    for (const { peer } of [one, other]) {
      peer.createDataChannel("points");
      offers.push(await offerOf(peer));
    }
    const loopback = true;
    const early = await registry.create({
      ...{ watched: first, offer: offers[0], loopback },
    });
    // Its end takes a while, in which somebody comes to the second.
    first.end("its node is silent");
    const late = await registry.create({
      ...{ watched: second, offer: offers[1], loopback },
    });
    assertEquals(await early.closed, "its node is silent");
    assertEquals(registry.count("a"), 1);
    assertStrictEquals(registry.get("a", late.id), late);
    assertEquals(registry.get("a", early.id), undefined);
    second.end("it is silent again");
    assertEquals(await late.closed, "it is silent again");
    assertEquals([registry.count("a"), registry.size], [0, 0]);
  },
);
