/** The door's view of a DTLS socket, with what is made up or lacks things. */
import { assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { ConnectionError } from "../../../lib/transport/errors.ts";
import {
  DtlsRole,
  DtlsSocket,
} from "../../../lib/transport/werift/dtls_socket.ts";

/** All that a socket has before it sends anything. */
function rawSocket() {
  return {
    connected: false,
    sessionType: DtlsRole.client as DtlsRole,
    dtls: { recordSequenceNumber: 3, epoch: 0, sortedHandshakeCache: [] },
    cipher: {
      cipher: undefined as unknown,
      localRandom: undefined,
      remoteRandom: undefined,
      masterSecret: undefined,
      encryptPacket() {},
      decryptPacket() {},
    },
    transport: { send() {}, socket: { onData() {} } },
    udpOnMessage() {},
    handleFragmentHandshake() {},
    onHandleHandshakes() {},
    onError: { execute() {} },
    onClose: { execute() {} },
  };
}

/** Its keys, once the handshake is over. */
function rawKeys() {
  return {
    blockAlgorithm: "aes-128-gcm",
    clientWriteKey: Buffer.of(1),
    serverWriteKey: Buffer.of(2),
    clientNonce: Buffer.of(3),
    serverNonce: Buffer.of(4),
  };
}

Deno.test("DtlsSocket takes what has all that it stands on", () => {
  const socket = new DtlsSocket(rawSocket());
  assertEquals([socket.recordNumber, ++socket.recordNumber], [3, 4]);
  assertEquals([socket.hasKeys, socket.keys], [false, undefined]);
});

Deno.test("DtlsSocket refuses what lacks any part of it", () => {
  for (const name of Object.keys(rawSocket())) {
    const { [name]: _, ...odd } = rawSocket() as Record<string, unknown>;
    assertThrows(() => new DtlsSocket(odd), ConnectionError, name);
  }
  for (const inner of ["dtls", "cipher", "transport", "onError"] as const) {
    for (const name of Object.keys(rawSocket()[inner])) {
      const odd = rawSocket();
      Reflect.deleteProperty(odd[inner], name);
      assertThrows(() => new DtlsSocket(odd), ConnectionError, name);
    }
  }
});

Deno.test("DtlsSocket refuses a role that it doesn't know", () => {
  const odd = { ...rawSocket(), sessionType: 3 };
  assertThrows(() => new DtlsSocket(odd), ConnectionError, "sessionType");
});

Deno.test("DtlsSocket gives keys as this side has them, or none", () => {
  const keysOf = (role: DtlsRole, connected: boolean, cipher: unknown) => {
    const raw = { ...rawSocket(), connected, sessionType: role };
    const socket = new DtlsSocket(raw);
    raw.cipher.cipher = cipher;
    return socket.keys;
  };
  const { client, server } = DtlsRole;
  assertEquals(keysOf(client, true, rawKeys()), {
    algorithm: "aes-128-gcm",
    writeKey: Buffer.of(1),
    readKey: Buffer.of(2),
    writeNonce: Buffer.of(3),
    readNonce: Buffer.of(4),
  });
  assertEquals(keysOf(server, true, rawKeys())!.writeKey, Buffer.of(2));
  assertEquals(keysOf(server, true, rawKeys())!.readNonce, Buffer.of(3));
  assertEquals(keysOf(client, false, rawKeys()), undefined);
  assertEquals(keysOf(client, true, undefined), undefined);
  for (const name of Object.keys(rawKeys())) {
    const odd = { ...rawKeys(), [name]: undefined };
    assertEquals(keysOf(client, true, odd), undefined, name);
  }
});
