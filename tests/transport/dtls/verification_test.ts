/** Real peers of which one isn't the one that its SDP names, or lies. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { RTCPeerConnection } from "werift";
import { testWith } from "../../support.ts";
import { answerOf, connectPair, makePeer, offerOf, peerTest } from "../pair.ts";

type Certificate = NonNullable<Transport["localCertificate"]>;
type Transport = RTCPeerConnection["dtlsTransports"][number];
type Socket = NonNullable<Transport["dtls"]>;

/**
 * Makes a certificate with a key of its own; `signature` is RSA's or ECDSA's.
 */
async function newCertificate(signature: 1 | 3 = 3): Promise<Certificate> {
  const { createSelfSignedCertificate, RTCCertificate } = await import(
    "werift"
  );
  const { keyPem, certPem, signatureHash } = await createSelfSignedCertificate(
    { signature, hash: 4 },
    23,
  );
  return new RTCCertificate(keyPem, certPem, signatureHash);
}

/**
 * Connects two peers, of which one lies: the offerer, which is DTLS's server,
 * or the answerer, which is its client.
 *
 * @returns why the other one refuses it.
 */
async function refusalOf(
  liar: "offerer" | "answerer",
  options: {
    /** Changes its SDP on the way to the other. */
    changeSdp?(sdp: string): string;
    /** Changes it once its description is made. */
    change?(transport: Transport): void;
  },
): Promise<string> {
  const { changeSdp = (sdp: string) => sdp, change } = options;
  const { whenConnected } = await import("../../../lib/transport/peer.ts");
  await using offerer = await makePeer();
  await using answerer = await makePeer();
  const peers = { offerer: offerer.peer, answerer: answerer.peer };
  peers.offerer.createDataChannel("data");
  const onItsWay = (by: string, sdp: string) =>
    liar === by ? changeSdp(sdp) : sdp;
  const offer = onItsWay("offerer", await offerOf(peers.offerer));
  const answer = onItsWay("answerer", await answerOf(peers.answerer, offer));
  change?.(peers[liar].dtlsTransports[0]);
  const honest = liar === "offerer" ? peers.answerer : peers.offerer;
  const refused = assertRejects(
    () => whenConnected(honest, { timeoutMs: 30_000 }),
    Error,
  );
  await peers.offerer.setRemoteDescription({ type: "answer", sdp: answer });
  const { message } = await refused;
  assertEquals(honest.connectionState, "failed");
  return message.replace(REFUSED, "");
}

/** Does something to a DTLS socket before it sends anything. */
function whenMade(transport: Transport, use: (socket: Socket) => void): void {
  const { get, set } = Object.getOwnPropertyDescriptor(transport, "dtls")!;
  Object.defineProperty(transport, "dtls", {
    configurable: true,
    get,
    set(socket: Socket | undefined) {
      set!.call(transport, socket);
      if (socket !== undefined) use(socket);
    },
  });
}

const REFUSED =
  "The connection failed, as the other side's DTLS handshake is refused: ";
const OTHER_CERTIFICATE = "its certificate is not the one of its a=fingerprint";
const ROLES = { offerer: "server", answerer: "client" } as const;

for (const liar of ["offerer", "answerer"] as const) {
  const who = `as DTLS's ${ROLES[liar]}`;

  peerTest(`A peer with another fingerprint is refused, ${who}`, async () => {
    const changeSdp = (sdp: string) =>
      sdp.replace(
        /(a=fingerprint:sha-256 )(..)/g,
        (_, start, byte) => start + (byte === "00" ? "01" : "00"),
      );
    assertEquals(await refusalOf(liar, { changeSdp }), OTHER_CERTIFICATE);
  });

  peerTest(`A man in the middle is refused, ${who}`, async () => {
    // His certificate, and the SDP of the one that he stands before.
    const localCertificate = await newCertificate();
    const why = await refusalOf(liar, {
      change: (transport) =>
        void Object.assign(transport, { localCertificate }),
    });
    assertEquals(why, OTHER_CERTIFICATE);
  });

  peerTest(`A peer with a copied certificate is refused, ${who}`, async () => {
    const { privateKey } = await newCertificate();
    const why = await refusalOf(liar, {
      change: (transport) => {
        const { certPem, signatureHash } = transport.localCertificate!;
        const localCertificate = { certPem, signatureHash, privateKey };
        Object.assign(transport, { localCertificate });
      },
    });
    const what = liar === "offerer" ? "key share" : "handshake";
    assertEquals(why, `its ${what} is not signed with its certificate's key`);
  });

  peerTest(`A peer that saw another handshake is refused, ${who}`, async () => {
    const why = await refusalOf(liar, {
      change: (transport) =>
        whenMade(transport, ({ cipher }) => {
          const { verifyData } = cipher;
          cipher.verifyData = (transcript) =>
            verifyData.call(cipher, Buffer.concat([transcript, Buffer.of(0)]));
        }),
    });
    assertEquals(why, "its Finished is not that of this handshake");
  });
}

peerTest("A peer with an RSA key connects, in either role", async () => {
  const certificate = await newCertificate(1);
  const use = (peer: RTCPeerConnection) => {
    const { secureManager } = peer as unknown as { secureManager: object };
    Object.assign(secureManager, { certificate });
  };
  await using offerer = await connectPair({ prepare: (left) => use(left) });
  await using answerer = await connectPair({
    prepare: (_, right) => use(right),
  });
  for (const peer of [offerer.left, answerer.right]) {
    assertStrictEquals(peer.dtlsTransports[0].localCertificate, certificate);
  }
});

testWith(
  [],
  "A message that is left out, or comes twice, is refused",
  async () => {
    const { HandshakeVerifier } = await import(
      "../../../lib/transport/dtls/verification.ts"
    );
    const { DtlsRole } = await import(
      "../../../lib/transport/werift/dtls_socket.ts"
    );
    /** Checks messages that a client sends (RFC 5246 section 7.3). */
    const check = (...types: number[]) => {
      const state = {
        role: DtlsRole.server,
        localRandom: undefined,
        remoteRandom: undefined,
        masterSecret: undefined,
        transcript: new Uint8Array(),
      };
      const verifier = new HandshakeVerifier(state, []);
      types.forEach((type) =>
        verifier.check({ type, sequence: 0, body: new Uint8Array() })
      );
    };
    const refused = (last: string) => `${REFUSED}its message ${last}`;
    check(1, 1);
    assertThrows(() => check(1, 1, 16), Error, refused("16 came after 1"));
    assertThrows(() => check(1, 1, 20), Error, refused("20 came after 1"));
    assertThrows(() => check(16), Error, refused("16 came after 0"));
    assertThrows(() => check(1, 11), Error, refused("11 can't be read"));
    assertThrows(() => check(1, 2), Error, refused("2 came after 1"));
  },
);

testWith([], "Fingerprints of the strongest hash function decide", async () => {
  const { matchesFingerprint } = await import(
    "../../../lib/transport/dtls/verification.ts"
  );
  const certificate = new TextEncoder().encode("certificate");
  const right = (algorithm: string, hash: string) => ({
    algorithm,
    value: createHash(hash).update(certificate).digest("hex").toUpperCase()
      .replace(/..(?=.)/g, "$&:"),
  });
  const matches = (...fingerprints: { algorithm: string; value: string }[]) =>
    matchesFingerprint(certificate, fingerprints);
  const wrong = { ...right("sha-256", "sha512") };
  for (const bits of ["224", "256", "384", "512"]) {
    assert(matches(right(`sha-${bits}`, `sha${bits}`)));
    assert(!matches({ algorithm: `sha-${bits}`, value: "00" }));
  }
  assert(matches(right("SHA-256", "sha256")));
  assert(matches(wrong, right("sha-256", "sha256")));
  assert(
    matches({ algorithm: "sha-224", value: "00" }, right("sha-256", "sha256")),
  );
  assert(!matches(right("sha-224", "sha224"), wrong));
  assert(!matches(right("sha-1", "sha1")));
  assert(!matches(right("md5", "md5")));
  assert(!matches());
});
