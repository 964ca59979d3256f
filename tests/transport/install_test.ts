/** What becomes of a connection where werift is not as known. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Buffer } from "node:buffer";
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { ConnectionError } from "../../lib/transport/errors.ts";
import {
  answerOf,
  connectTo,
  makePeer,
  offerOf,
  peerTest,
  whenState,
} from "./pair.ts";

// werift is imported with it, and only while a test runs.
const install = () => import("../../lib/transport/install.ts");

type Loose = Record<string, unknown>;

/** What of a new peer connection a test changes before ours sees it. */
interface Changes {
  transport?(transport: Loose, ice: Loose): void;
  sctpTransport?(transport: Loose): void;
  association?(association: Loose): void;
}

interface Factories {
  secureManager: { createTransport(...args: unknown[]): object };
  sctpManager: { createSctpTransport(...args: unknown[]): object };
}

interface Changed extends AsyncDisposable {
  peer: RTCPeerConnection;
  /** Why it keeps werift's data path. */
  stock: string[];
}

/** Makes a peer connection of a werift that was changed, with our layers. */
async function makeChanged(changes: Changes): Promise<Changed> {
  const { installDataPath } = await install();
  const { RTCPeerConnection } = await import("werift");
  const peer = new RTCPeerConnection({
    iceServers: [],
    iceAdditionalHostAddresses: ["127.0.0.1"],
  });
  const { secureManager, sctpManager } = peer as unknown as Factories;
  const { createTransport } = secureManager;
  secureManager.createTransport = (...args) => {
    const transport = createTransport.apply(secureManager, args) as Loose;
    const { connection } = transport.iceTransport as { connection: Loose };
    changes.transport?.(transport, connection);
    return transport;
  };
  const { createSctpTransport } = sctpManager;
  sctpManager.createSctpTransport = (...args) => {
    const transport = createSctpTransport.apply(sctpManager, args) as Loose;
    const setDtlsTransport = transport.setDtlsTransport as (d: object) => void;
    transport.setDtlsTransport = (dtls: object) => {
      setDtlsTransport.call(transport, dtls);
      changes.association?.(transport.sctp as Loose);
    };
    changes.sctpTransport?.(transport);
    return transport;
  };
  const stock: string[] = [];
  installDataPath(peer, {
    mtu: 1280,
    onError: (error) => {
      throw error;
    },
    onStock: (why) => stock.push(why),
  });
  return { peer, stock, [Symbol.asyncDispose]: () => peer.close() };
}

/** Sends a large message from a peer that was changed to one that wasn't. */
async function sendFrom(peer: RTCPeerConnection): Promise<void> {
  await using ours = await makePeer();
  const channel = peer.createDataChannel("data");
  const remote = new Promise<RTCDataChannel>((resolve) =>
    ours.peer.onDataChannel.subscribe(resolve)
  );
  await connectTo(peer, await answerOf(ours.peer, await offerOf(peer)));
  await whenState(channel, "open");
  const came = new Promise<string | Buffer>((resolve) => {
    void remote.then(({ onMessage }) => onMessage.subscribe(resolve));
  });
  await remote;
  channel.send(Buffer.alloc(50_000, 7));
  assertEquals(await came, Buffer.alloc(50_000, 7));
}

peerTest("An odd association keeps werift's data path", async () => {
  const { dataPathOf } = await install();
  await using made = await makeChanged({
    association: (sctp) => sctp.outboundStreamSeq = () => {},
  });
  await sendFrom(made.peer);
  assertEquals(dataPathOf(made.peer), undefined);
  assertEquals(made.stock.length, 1);
  assertStringIncludes(
    made.stock[0],
    "association is not as known: outboundStreamSeq is function",
  );
});

peerTest(
  "An ICE agent that is odd to the data path keeps werift's",
  async () => {
    const { dataPathOf } = await install();
    await using made = await makeChanged({
      transport: (_, ice) => {
        ice.canSendApplicationData = undefined;
        // Still there for werift itself.
        queueMicrotask(() => delete ice.canSendApplicationData);
      },
    });
    await sendFrom(made.peer);
    assertEquals(dataPathOf(made.peer), undefined);
    assertStringIncludes(
      made.stock[0],
      "ICE agent is not as known: canSendApplicationData is undefined",
    );
  },
);

/** What can't be done without: what is changed, and what the error says. */
const REFUSED: Record<string, [Changes, string]> = {
  "an ICE agent without passwords": [
    { transport: (_, ice) => delete ice.userHistory },
    "ICE agent is not as known: userHistory is missing",
  ],
  "an ICE agent whose pairs can't be counted": [
    { transport: (_, ice) => delete ice.checkList },
    "ICE agent is not as known: checkList is missing",
  ],
  "a DTLS transport that connects elsewhere": [
    { transport: (transport) => delete transport.dtls },
    "DTLS transport is not as known: dtls is missing",
  ],
  "an SCTP transport whose errors can't be caught": [
    { sctpTransport: (transport) => delete transport.datachannelReceive },
    "SCTP transport is not as known: datachannelReceive is missing",
  ],
  "an association whose errors can't be caught": [
    { association: (association) => association.handleData = undefined },
    "association is not as known: handleData is undefined",
  ],
};

for (const [what, [changes, why]] of Object.entries(REFUSED)) {
  peerTest(`A peer connection with ${what} is refused`, async () => {
    await using made = await makeChanged(changes);
    const error = assertThrows(
      () => made.peer.createDataChannel("data"),
      ConnectionError,
      why,
    );
    assertEquals(error.reason, "failed");
  });
}

peerTest("A track is refused as a data channel is", async () => {
  await using made = await makeChanged({
    transport: (_, ice) => ice.ensureProtocol = undefined,
  });
  assertThrows(() => made.peer.addTransceiver("video"), ConnectionError);
});

peerTest("An offer is refused as a data channel is", async () => {
  await using ours = await makePeer();
  ours.peer.createDataChannel("data");
  const offer = await offerOf(ours.peer);
  await using made = await makeChanged({
    transport: (_, ice) => delete ice.localPassword,
  });
  await assertRejects(() => answerOf(made.peer, offer), ConnectionError);
});

peerTest("A peer connection without known factories is refused", async () => {
  const { installDataPath } = await install();
  const options = { mtu: 1280, onError: () => {}, onStock: () => {} };
  assertThrows(
    () => installDataPath({} as RTCPeerConnection, options),
    ConnectionError,
    "secureManager.createTransport is missing",
  );
});

/** Waits until a peer that was changed is refused, and says why. */
async function refusalOf(
  { peer }: Changed,
  before: () => void = () => {},
): Promise<string> {
  const { whenConnected } = await import("../../lib/transport/peer.ts");
  await using ours = await makePeer();
  const channel = peer.createDataChannel("data");
  const offer = await offerOf(peer);
  before();
  const refused = assertRejects(
    () => whenConnected(peer, { timeoutMs: 30_000 }),
    ConnectionError,
  );
  // It may be closed already.
  await answerOf(ours.peer, offer)
    .then((sdp) => peer.setRemoteDescription({ type: "answer", sdp }))
    .catch(() => {});
  const { message, reason } = await refused;
  assertEquals(reason, "failed");
  assertEquals(peer.connectionState, "closed");
  assert(channel.readyState !== "open");
  return message;
}

peerTest("A DTLS socket that can't be verified is refused", async () => {
  await using made = await makeChanged({});
  const message = await refusalOf(made, () => {
    const [transport] = made.peer.dtlsTransports;
    const { get, set } = Object.getOwnPropertyDescriptor(transport, "dtls")!;
    Object.defineProperty(transport, "dtls", {
      configurable: true,
      get,
      set(socket: object) {
        Object.assign(socket, { handleFragmentHandshake: undefined });
        set!.call(transport, socket);
      },
    });
  });
  assertStringIncludes(
    message,
    "DTLS socket is not as known: handleFragmentHandshake is undefined",
  );
});

peerTest("A protocol whose requests can't be checked is refused", async () => {
  await using made = await makeChanged({
    transport(_, ice) {
      const gather = ice.getCandidatePromises as (...a: unknown[]) => unknown;
      ice.getCandidatePromises = (...args: unknown[]) => {
        const { ensureProtocol } = ice;
        ice.ensureProtocol = (protocol: Loose) => {
          delete protocol.onRequestReceived;
          (ensureProtocol as (p: Loose) => void).call(ice, protocol);
        };
        return gather.apply(ice, args);
      };
    },
  });
  assertStringIncludes(
    await refusalOf(made),
    "STUN protocol is not as known: onRequestReceived.execute is missing",
  );
});
