import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { isAuthenticRequest } from "../../../lib/transport/ice/stun_integrity.ts";
import { bindStranger, connectPair, peerTest } from "../pair.ts";
import { attribute, bindingRequest, ICE_CONTROLLING } from "./stun.ts";

Deno.test("isAuthenticRequest() takes what is signed with our password", () => {
  const passwordOf = (name: string) => name === "ours" ? "secret" : undefined;
  const check = (message: Uint8Array) =>
    isAuthenticRequest(message, passwordOf);
  const message = bindingRequest("ours:theirs", "secret");
  assert(check(message));
  // FINGERPRINT follows it.
  const longer = Buffer.concat([message, attribute(0x8028, Buffer.alloc(4))]);
  longer.writeUInt16BE(longer.length - 20, 2);
  assert(check(longer));
  assert(!check(bindingRequest("ours:theirs")));
  assert(!check(bindingRequest("ours:theirs", "guess")));
  assert(!check(bindingRequest("theirs:ours", "secret")));
  assert(!check(new Uint8Array()));
  for (let end = 0; end < message.length; end++) {
    assert(!check(message.subarray(0, end)));
  }
  for (let at = 4; at < message.length; at++) {
    const changed = Buffer.from(message);
    changed[at] ^= 1;
    assert(!check(changed), `byte ${at}`);
  }
});

peerTest("A connectivity check of a stranger is passed over", async () => {
  await using pair = await connectPair();
  const { connection } = pair.right.iceTransports[0];
  const [hostname, port] = pair.left.iceTransports[0].connection.nominated!
    .remoteAddr;
  const stranger = bindStranger(hostname);
  const candidates = connection.remoteCandidates.length;
  const isControlling = connection.iceControlling;
  const { localUsername, localPassword, remoteUsername } = connection;
  const username = `${localUsername}:${remoteUsername}`;
  const known = bindingRequest(username, localPassword, ICE_CONTROLLING);
  const to = { transport: "udp", hostname, port } as const;
  await stranger.send(bindingRequest(username), to);
  await stranger.send(bindingRequest(username, "guess"), to);
  await stranger.send(bindingRequest("", ""), to);
  await stranger.send(Buffer.of(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42), to);
  // What comes first is the answer to the one that has the password.
  await stranger.send(known, to);
  const [answer] = await stranger.receive();
  assertEquals(Buffer.from(answer.subarray(8, 20)), known.subarray(8, 20));
  assertEquals(connection.remoteCandidates.length, candidates + 1);
  assertEquals(connection.iceControlling, isControlling);
  stranger.close();
});

peerTest("What a stranger sends that isn't STUN is passed over", async () => {
  await using pair = await connectPair();
  const { nominated } = pair.left.iceTransports[0].connection;
  const [hostname, port] = nominated!.remoteAddr;
  const heard = new Promise<Buffer>((resolve) =>
    pair.right.iceTransports[0].connection.onData.subscribe((data) => {
      if (data[0] === 63) resolve(data);
    })
  );
  const stranger = bindStranger(hostname);
  const [strange, own] = [Buffer.of(63, 1), Buffer.of(63, 2)];
  await stranger.send(strange, { transport: "udp", hostname, port });
  await nominated!.protocol.sendData(own, [hostname, port]);
  assertEquals(await heard, own);
  stranger.close();
});
