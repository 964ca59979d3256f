/** What a client makes of answers that mean it no good. */
import { assertEquals, assertRejects } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { SignalingError } from "../../lib/signaling/errors.ts";
import { useAnswer } from "../../lib/signaling/use_answer.ts";
import { createPeer } from "../../lib/transport/peer.ts";
import { parseDescription } from "../../lib/transport/sdp/description.ts";
import { testWith } from "../support.ts";

const log = createLogger({ write: () => {} });
const SERVER = "http://server.example/offer";

/** A peer that has made an offer, and the answer of another. */
async function offered() {
  await using cleanup = new AsyncDisposableStack();
  const peers = [1, 2].map(() => createPeer({ loopback: true }));
  for (const peer of peers) cleanup.defer(() => peer.close());
  const [peer, other] = peers;
  peer.createDataChannel("points");
  await peer.setLocalDescription(await peer.createOffer());
  await other.setRemoteDescription(peer.localDescription!);
  await other.setLocalDescription(await other.createAnswer());
  const { sdp } = other.localDescription!;
  const start = sdp.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, "");
  const undo = cleanup.move();
  return { peer, start, [Symbol.asyncDispose]: () => undo.disposeAsync() };
}

const candidate = (address: string) =>
  `a=candidate:1 1 udp 1 ${address} 9 typ host\r\n`;

testWith([], "an answer of more lines than one needs is refused", async () => {
  const cases: [lines: string, said: string][] = [
    ["a=x\r\n".repeat(9000), "lines, and at most 4096 are taken"],
    [
      "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n".repeat(64),
      "it has 65 lines m=, and at most 64 are taken",
    ],
    [
      candidate("192.0.2.1").repeat(257),
      "it has 257 lines a=candidate:, and at most 256 are taken",
    ],
    ["a=x\ra=candidate\r\n", "has a carriage return inside"],
    ["\x1b[2J\r\n", "is not of the form x=value"],
  ];
  await using scene = await offered();
  for (const [lines, said] of cases) {
    const error = await assertRejects(
      () => useAnswer(scene.peer, scene.start + lines, { url: SERVER, log }),
      SignalingError,
      said,
    );
    const start = `${SERVER} answered with an SDP that can't be used: `;
    assertEquals(error.message.startsWith(start), true, error.message);
    assertEquals(/[\p{Cc}\p{Cf}]/u.test(error.message), false);
  }
});

testWith(
  [],
  "nothing is looked up for an answer, and this machine is not its target",
  async () => {
    const all = [
      ...["192.0.2.1", "10.0.0.1", "169.254.1.1", "fe80::1"],
      ...["127.0.0.1", "::1", "server.example", "x.local", "224.0.0.1"],
    ];
    for (
      const [url, taken] of [
        [SERVER, all.slice(0, 4)],
        ["http://localhost:8080/offer", all.slice(0, 6)],
      ] as const
    ) {
      await using scene = await offered();
      const sdp = scene.start + all.map(candidate).join("");
      await useAnswer(scene.peer, sdp, { url, log });
      const { sections } = parseDescription(
        scene.peer.remoteDescription!.sdp,
      );
      const addresses = sections.flat()
        .filter((line) => line.startsWith("a=candidate"))
        .map((line) => line.split(" ")[4]);
      assertEquals(addresses, [...taken], url);
    }
  },
);
