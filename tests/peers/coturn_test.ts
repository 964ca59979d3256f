/** Our programs, and peers, through coturn. */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { parseIceServer } from "../../lib/cli/network_options.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import type { NetworkOptions } from "../../lib/transport/network.ts";
import { getJson, startClient, startServer } from "../../tools/processes.ts";
import { testWith } from "../support.ts";
import { connectPair, makePeer, offerOf } from "../transport/pair.ts";
import { startTurnServer } from "./coturn.ts";

for (const transport of ["udp", "tcp"] as const) {
  testWith(
    ["coturn"],
    `Peers that use only a TURN server over ${transport} connect through it`,
    async () => {
      await using turn = await startTurnServer();
      const network: NetworkOptions = {
        iceServers: [parseIceServer(turn.url(transport))],
        iceTransport: "relay",
      };
      await using pair = await connectPair({
        left: { network },
        right: { network },
      });
      for (const { localDescription } of [pair.left, pair.right]) {
        const types = localDescription!.sdp.match(/(?<= typ )\S+/g);
        assertEquals(new Set(types), new Set(["relay"]));
      }
      const heard = new Promise<unknown>((resolve) =>
        pair.remote.onMessage.once(resolve)
      );
      const message = Buffer.alloc(200_000, 7);
      pair.channel.send(message);
      assertEquals(await heard, message);
    },
  );
}

testWith(
  ["coturn"],
  "One peer with a TURN server is enough",
  async () => {
    await using turn = await startTurnServer();
    const network: NetworkOptions = {
      iceServers: [parseIceServer(turn.url("udp"))],
      iceTransport: "relay",
    };
    await using _offerer = await connectPair({ left: { network } });
    await using _answerer = await connectPair({ right: { network } });
  },
);

testWith(
  ["coturn"],
  "A STUN server tells a peer its address",
  async () => {
    await using turn = await startTurnServer();
    const iceServers = [{ urls: `stun:127.0.0.1:${turn.port}` }];
    await using made = await makePeer({ network: { iceServers } });
    made.peer.createDataChannel("data");
    const offer = await offerOf(made.peer);
    assert(/ typ srflx /.test(offer), offer);
  },
);

testWith(
  ["coturn", "ffmpeg"],
  "A client behind a TURN server alone reaches a server behind one",
  async () => {
    await using turn = await startTurnServer();
    const relay = (transport: "udp" | "tcp") => [
      ...["--ice-server", turn.url(transport)],
      ...["--ice-transport", "relay"],
    ];
    await using server = await startServer(relay("udp"));
    await using client = startClient(server, [
      ...relay("tcp"),
      // Frames of more than one packet, were they ever so large.
      ...["--points", "30000", "--duration", "1", "--json"],
    ]);
    const { session } = await server.waitForLog(
      "the session",
      ({ message }) => message === "session connected",
    );
    const { remoteAddress } = await getJson<SessionSnapshot>(
      `${server.url}/sessions/${session}`,
    );
    await client.finished();
    const report = JSON.parse(await client.stdout);
    assert(report.framesSent > 0, client.stderr.join("\n"));
    assertEquals(report.framesAcked, report.framesSent);
    // What coturn relays for is no socket of either program.
    assert(remoteAddress?.startsWith("127.0.0.1:"));
    assert(turn.lines.some((line) => line.includes("CHANNEL_BIND processed")));
  },
);
