import { assert, assertEquals } from "@std/assert";
import {
  maxPayloadOf,
  NearbyChoice,
  OVERHEAD_BYTES,
} from "../../../lib/transport/sctp/path_limits.ts";

Deno.test("maxPayloadOf() fills an IP packet, but no more than a record", () => {
  for (const mtu of [576, 1280, 1500]) {
    const payload = maxPayloadOf({ mtu });
    assertEquals(payload % 4, 0);
    const bytes = payload + OVERHEAD_BYTES;
    assert(bytes <= mtu && bytes > mtu - 4, `${mtu}: ${bytes}`);
  }
  assertEquals(maxPayloadOf({ mtu: 65_535 }), maxPayloadOf({ mtu: 16_469 }));
});

Deno.test("NearbyChoice waits for a short round trip, or for enough", () => {
  const nearby = { mtu: 16_469 };
  const elsewhere = { mtu: 1280, maxWindow: 1e6 };
  const choice = new NearbyChoice(nearby, elsewhere, 15);
  assertEquals(choice.meanwhile, {
    ...{ mtu: 1280, maxWindow: 64 * 1280 },
    searchesMtu: false,
  });
  assertEquals(choice.decide(Infinity, 0), undefined);
  assertEquals(choice.decide(16, 262_143), undefined);
  assertEquals(choice.decide(16, 262_144), elsewhere);
  assertEquals(choice.decide(15, 0), nearby);
});
