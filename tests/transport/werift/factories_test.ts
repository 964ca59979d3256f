/** Contract tests with the pinned werift: where it makes things. */
import { Buffer } from "node:buffer";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { RTCPeerConnection } from "werift";
import { connectPair, peerTest } from "../pair.ts";

interface Association {
  send(
    streamId: number,
    payloadProtocol: number,
    data: Buffer,
    options: { ordered: boolean },
  ): Promise<void>;
}

function association(peer: RTCPeerConnection): Association {
  return peer.sctpTransport!.sctp as unknown as Association;
}

/** Payload protocol identifiers (RFC 8831 section 8). */
const PPID = { control: 50, unknown: 999 };

/** What a peer may send on SCTP that werift can't read. */
const UNREADABLE: Record<string, (pair: Peers) => Promise<unknown>> = {
  "An unknown payload protocol identifier": ({ left, channel }) =>
    association(left).send(channel.id, PPID.unknown, Buffer.from("x"), {
      ordered: true,
    }),
  "An acknowledgement of no channel": ({ left }) =>
    association(left).send(77, PPID.control, Buffer.of(2), { ordered: true }),
};

interface Peers {
  left: RTCPeerConnection;
  channel: { id: number };
}

for (const [what, send] of Object.entries(UNREADABLE)) {
  peerTest(`${what} is reported, and harms nobody`, async () => {
    const errors: unknown[] = [];
    const reported = Promise.withResolvers<void>();
    await using pair = await connectPair({
      right: {
        onError(error) {
          errors.push(error);
          reported.resolve();
        },
      },
    });
    const { left, channel, remote } = pair;
    await send({ left, channel: { id: channel.id! } });
    await reported.promise;
    const received = Promise.withResolvers<unknown>();
    remote.onMessage.subscribe((message) => received.resolve(message));
    channel.send("still here");
    assertEquals(await received.promise, "still here");
    assertEquals(errors.length, 1);
  });
}

peerTest("A listener that throws is reported, and harms nobody", async () => {
  const errors = Promise.withResolvers<unknown>();
  await using pair = await connectPair({ right: { onError: errors.resolve } });
  const received = Promise.withResolvers<void>();
  pair.remote.onMessage.subscribe((message) => {
    if (message === "first") throw new Error("on purpose");
    received.resolve();
  });
  pair.channel.send("first");
  assertStringIncludes(String(await errors.promise), "on purpose");
  pair.channel.send("second");
  await received.promise;
});
