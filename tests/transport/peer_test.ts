import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import type { RTCPeerConnection } from "werift";
import { ConnectionError } from "../../lib/transport/errors.ts";
import {
  answerOf,
  connectPair,
  makePeer,
  offerOf,
  peerTest,
  watchDatagrams,
  whenState,
} from "./pair.ts";

/** Waits as `whenConnected()` does, with werift imported only now. */
async function whenConnected(
  peer: RTCPeerConnection,
  options: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<void> {
  const { whenConnected } = await import("../../lib/transport/peer.ts");
  await whenConnected(peer, { timeoutMs: 30_000, ...options });
}

/** Codecs of the video section, in order. */
function videoCodecs(sdp: string): string[] {
  const [, section] = sdp.split("m=video");
  return [...section.matchAll(/a=rtpmap:\d+ (\S+)\//g)].map(([, name]) => name);
}

peerTest(
  "createPeer() announces the size of messages that it takes",
  async () => {
    const { MAX_MESSAGE_BYTES } = await import("../../lib/transport/peer.ts");
    await using left = await makePeer();
    left.peer.createDataChannel("data");
    const sdp = await offerOf(left.peer);
    const [, size] = /a=max-message-size:(\d+)/.exec(sdp)!;
    assertEquals(Number(size), MAX_MESSAGE_BYTES);
    await using right = await makePeer();
    await answerOf(right.peer, sdp);
    const { remoteMaxMessageSize } = right.peer.sctpTransport!;
    assertEquals(remoteMaxMessageSize, MAX_MESSAGE_BYTES);
  },
);

peerTest(
  "createPeer() offers a loopback candidate only where it is asked to",
  async () => {
    for (const loopback of [true, false]) {
      await using made = await makePeer({ loopback });
      made.peer.createDataChannel("data");
      const sdp = await offerOf(made.peer);
      assertEquals(/a=candidate:.* 127\.0\.0\.1 /.test(sdp), loopback);
    }
  },
);

peerTest(
  "createPeer() offers UDP candidates of this machine, and no others",
  async () => {
    await using made = await makePeer();
    made.peer.createDataChannel("data");
    const sdp = await offerOf(made.peer);
    const candidates = sdp.match(/a=candidate:.*/g)!;
    for (const candidate of candidates) {
      assertMatch(candidate, / 1 udp \d+ \S+ \d+ typ host/);
    }
  },
);

peerTest("createPeer() asks no STUN server", async () => {
  await using made = await makePeer();
  made.peer.createDataChannel("data");
  made.peer.addTransceiver("video");
  await offerOf(made.peer);
  for (const { connection } of made.peer.iceTransports) {
    const { stunServer, turnServer } = connection as unknown as Record<
      string,
      unknown
    >;
    assertEquals([stunServer, turnServer], [undefined, undefined]);
  }
});

peerTest(
  "createPeer() offers the video codecs in the order asked for",
  async () => {
    const cases = [
      {
        codecs: undefined,
        names: ["VP8", "H264", "VP9", "VP9", "AV1", "H265"]
          .flatMap((name) => [name, "rtx"]),
      },
      { codecs: ["h264", "vp8"], names: ["H264", "rtx", "VP8", "rtx"] },
      { codecs: ["h264"], names: ["H264", "rtx"] },
      { codecs: ["vp8"], names: ["VP8", "rtx"] },
    ] as const;
    for (const { codecs, names } of cases) {
      await using made = await makePeer({ videoCodecs: codecs });
      made.peer.addTransceiver("video");
      made.peer.addTransceiver("audio");
      const sdp = await offerOf(made.peer);
      assertEquals(videoCodecs(sdp.split("m=audio")[0]), [...names]);
      assert(/a=rtpmap:\d+ opus\/48000\/2/i.test(sdp));
    }
  },
);

peerTest("createPeer() bundles all that it offers", async () => {
  await using made = await makePeer();
  made.peer.createDataChannel("data");
  made.peer.addTransceiver("video");
  made.peer.addTransceiver("audio");
  await offerOf(made.peer);
  assertEquals(made.peer.iceTransports.length, 1);
});

peerTest("whenConnected() resolves when both are connected", async () => {
  await using left = await makePeer();
  await using right = await makePeer();
  const channel = left.peer.createDataChannel("data");
  const answer = await answerOf(right.peer, await offerOf(left.peer));
  const connected = [whenConnected(left.peer), whenConnected(right.peer)];
  await left.peer.setRemoteDescription({ type: "answer", sdp: answer });
  await Promise.all(connected);
  await whenState(channel, "open");
  // And at once where they are already.
  await whenConnected(left.peer, { timeoutMs: 0 });
});

peerTest("whenConnected() times out where the peer never answers", async () => {
  await using left = await makePeer();
  await using gone = await makePeer();
  left.peer.createDataChannel("data");
  const answer = await answerOf(gone.peer, await offerOf(left.peer));
  await gone.peer.close();
  await left.peer.setRemoteDescription({ type: "answer", sdp: answer });
  const error = await assertRejects(
    () => whenConnected(left.peer, { timeoutMs: 50 }),
    ConnectionError,
    "No connection within 0.05 s",
  );
  assertEquals(error.reason, "timeout");
});

peerTest("whenConnected() times out where no answer is set", async () => {
  await using left = await makePeer();
  left.peer.createDataChannel("data");
  await offerOf(left.peer);
  const error = await assertRejects(
    () => whenConnected(left.peer, { timeoutMs: 10 }),
    ConnectionError,
  );
  assertEquals(error.reason, "timeout");
});

peerTest(
  "whenConnected() fails where the certificate is another's",
  async () => {
    await using left = await makePeer();
    await using right = await makePeer();
    left.peer.createDataChannel("data");
    const answer = await answerOf(right.peer, await offerOf(left.peer));
    const other = "AA:".repeat(31) + "AA";
    const sdp = answer.replace(/(a=fingerprint:sha-256 )\S+/g, `$1${other}`);
    await left.peer.setRemoteDescription({ type: "answer", sdp });
    const error = await assertRejects(
      () => whenConnected(left.peer),
      ConnectionError,
      "The connection failed",
    );
    assertEquals(error.reason, "failed");
  },
);

peerTest("whenConnected() fails where the peer is closed", async () => {
  await using left = await makePeer();
  left.peer.createDataChannel("data");
  await offerOf(left.peer);
  const waiting = whenConnected(left.peer);
  const closing = left.peer.close();
  for (const wait of [waiting, whenConnected(left.peer)]) {
    const error = await assertRejects(() => wait, ConnectionError);
    assertEquals(error.reason, "closed");
  }
  await closing;
});

peerTest("whenConnected() rejects with the reason of an abort", async () => {
  await using left = await makePeer();
  const reason = new Error("asked to stop");
  const controller = new AbortController();
  const waiting = whenConnected(left.peer, { signal: controller.signal });
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => waiting), reason);

  // A peer that was lost as well: neither reason may go unhandled.
  await left.peer.close();
  const { signal } = controller;
  assertStrictEquals(
    await assertRejects(() => whenConnected(left.peer, { signal })),
    reason,
  );
});

peerTest("whenConnected() leaves no listener behind", async () => {
  await using left = await makePeer();
  const { connectionStateChange } = left.peer;
  const before = connectionStateChange.length;
  const signal = AbortSignal.abort();
  await assertRejects(() => whenConnected(left.peer, { timeoutMs: 1 }));
  await assertRejects(() => whenConnected(left.peer, { signal }));
  assertEquals(connectionStateChange.length, before);
});

peerTest("Peers of one process connect one after the other", async () => {
  for (let i = 0; i < 3; i++) {
    await using pair = await connectPair();
    assertEquals(pair.left.connectionState, "connected");
    assertEquals(pair.right.connectionState, "connected");
  }
});

peerTest("createPeer() waits for no server that doesn't answer", async () => {
  const server = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  const { port } = server.addr as Deno.NetAddr;
  let requests = 0;
  using _watching = watchDatagrams(() => void requests++);
  await using made = await makePeer({
    network: { iceServers: [{ urls: `stun:127.0.0.1:${port}` }] },
  });
  made.peer.createDataChannel("data");
  assert((await offerOf(made.peer)).includes(" typ host"));
  const sockets = new Set(made.peer.localDescription!.sdp.match(/ \d+ typ /g));
  // The seventh is sent after 3.15 s (RFC 8489 section 6.2.1).
  assert(requests > 0 && requests < 7 * sockets.size, `${requests} requests`);
  server.close();
});
