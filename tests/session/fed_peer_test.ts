import { assertEquals } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { FedPeer } from "../../lib/session/fed_peer.ts";
import { encodeFile } from "../../lib/points/formats.ts";
import { FRAME_HEADER_BYTES, writeChunkHeader } from "../../lib/wire/frame.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { testWith } from "../support.ts";

Deno.test("FedPeer is connected at once, and over after a pause", async () => {
  const events: string[] = [];
  const peer = new FedPeer({ remote: "::1", pauseMs: 20 }, {
    onConnected: (address) => void events.push(`connected ${address}`),
    onClosing: (reason, code) => void events.push(`${code}: ${reason}`),
  });
  assertEquals(peer.state, "connected");
  peer.start();
  assertEquals(await peer.closed, "no cloud came for 0.02 s");
  assertEquals(events, [
    "connected ::1",
    "ended: no cloud came for 0.02 s",
  ]);
  assertEquals([peer.state, peer.endCode], ["closed", "ended"]);
});

testWith(
  [],
  "A fed session reads its streams apart, as many as it may",
  async () => {
    const { Session } = await import("../../lib/session/session.ts");
    const log = createLogger({ write: () => {} });
    const session = Session.open(
      { id: "1", pauseMs: 60_000, limits: { dataChannels: 2 } },
      {},
      log,
    );
    const cloud = encodeFile(".npy", typedCloud("x,y,z", [[1, 2, 3]]));
    const message = new Uint8Array(FRAME_HEADER_BYTES + cloud.length);
    const info = {
      number: 7,
      codec: "npy",
      points: 1,
      captureTime: 0,
    } as const;
    writeChunkHeader(message, { ...info, chunk: 0, chunks: 1 });
    message.set(cloud, FRAME_HEADER_BYTES);
    for (const stream of ["a", "b"]) {
      assertEquals(session.fed.receive(stream, message), undefined);
      assertEquals(session.nextNumber(stream), 8);
    }
    assertEquals(session.feed.streams.map(({ name }) => name), ["a", "b"]);
    const mistake = session.fed.receive("a", message.subarray(0, 8));
    assertEquals(mistake?.reason, "length");
    session.fed.receive("c", message);
    assertEquals(await session.closed, "more than 2 data channels were opened");
    assertEquals(session.fed.receive("a", message), undefined);
  },
);
