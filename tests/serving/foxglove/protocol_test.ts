import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  FoxgloveProtocolError,
  readMessageData,
  setSubscription,
  writeMessageData,
} from "../../../lib/ros/foxglove_wire.ts";
import {
  chooseSubprotocol,
  parseClientText,
} from "../../../lib/serving/foxglove/protocol.ts";

Deno.test("The newest protocol that both speak is chosen", () => {
  const [sdk, old] = ["foxglove.sdk.v1", "foxglove.websocket.v1"];
  assertEquals(chooseSubprotocol(null), undefined);
  assertEquals(chooseSubprotocol(""), undefined);
  assertEquals(chooseSubprotocol("mqtt, toString"), undefined);
  assertEquals(chooseSubprotocol(old), old);
  assertEquals(chooseSubprotocol(`x,${old} ,  ${sdk}`), sdk);
});

Deno.test("A message is its subscription's, its time's and its data's", () => {
  // To the microsecond, as far as a float64 of milliseconds goes.
  const message = writeMessageData(Uint8Array.of(7, 8), 1_795_999_610_123.25);
  assertEquals(readMessageData(message), {
    ...{ subscription: 0, time: 1_795_999_610_123_250_000n },
    data: Uint8Array.of(7, 8),
  });
  setSubscription(message, 0xffffffff);
  assertEquals(readMessageData(message)?.subscription, 0xffffffff);
});

Deno.test("Whatever a client says is understood or refused", () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.array(fc.record({ id: fc.jsonValue(), channelId: fc.jsonValue() })),
    fc.array(fc.record({ id: fc.nat(), channelId: fc.nat() })),
  );
  const message = fc.record({
    op: fc.constantFrom("subscribe", "unsubscribe", "advertise", "__proto__"),
    subscriptions: value,
    subscriptionIds: value,
  }, { requiredKeys: [] });
  const text = fc.oneof(fc.string(), message.map((it) => JSON.stringify(it)));
  let understood = 0;
  fc.assert(
    fc.property(text, (text) => {
      try {
        const request = parseClientText(text);
        understood++;
        if (request.op === "unsubscribe") {
          return request.ids.every(Number.isSafeInteger);
        }
        return request.subscriptions.every(({ id, channelId }) =>
          id >= 0 && id <= 0xffffffff && Number.isSafeInteger(channelId)
        );
      } catch (error) {
        return error instanceof FoxgloveProtocolError;
      }
    }),
    { seed: 7, numRuns: 2_000 },
  );
  assert(understood > 0, "nothing is understood");
});
