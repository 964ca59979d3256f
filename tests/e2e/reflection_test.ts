/**
 * Offers and checks that would have the real server send to a third address:
 * it is to get little, and less than the attacker sent.
 */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { type ServerProcess, startServer } from "../../tools/processes.ts";
import { JSON_BODY, testSideBySide } from "../support.ts";
import { bindingRequest, ICE_CONTROLLING } from "../transport/ice/stun.ts";
import { data } from "../transport/sdp/offers.ts";
import { Bystander } from "./bystander.ts";

/** Most that may go to the third address for each byte of the attacker. */
const MAX_GAIN = 1.5;

interface Attack {
  bystander: Bystander;
  /** Bytes of the attacker. */
  sent: number;
  session: string;
  answer: string;
}

interface Candidate {
  address: string;
  port: number;
  foundation?: number;
  component?: number;
  type?: string;
}

/** Posts an offer with candidates of somebody else. */
async function attack(
  server: ServerProcess,
  bystander: Bystander,
  candidates: Candidate[],
): Promise<Attack> {
  const lines = candidates.map((candidate, i) => {
    const { address, port, foundation = i, component = 1 } = candidate;
    const { type = "host" } = candidate;
    const related = type === "host" ? "" : " raddr 0.0.0.0 rport 9";
    return `a=candidate:${foundation} ${component} udp ${2 ** 31 - 1 - i} ` +
      `${address} ${port} typ ${type}${related}`;
  });
  const sdp = [
    ...["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"],
    ...data({ more: lines }),
    "",
  ].join("\r\n");
  const body = JSON.stringify({ type: "offer", sdp });
  const response = await fetch(`${server.url}/offer`, {
    method: "POST",
    headers: JSON_BODY,
    body,
  });
  const { session, sdp: answer } = await response.json();
  assertEquals(response.status, 200);
  return { bystander, sent: body.length, session, answer };
}

/** Waits until the server has done with a session: nothing more comes. */
async function over(server: ServerProcess, { session }: Attack): Promise<void> {
  await server.waitForLog(
    "the end of the session",
    (line) => line.message === "session closed" && line.session === session,
  );
}

/** A value of an answer's attribute, such as `a=ice-pwd:`. */
function valueOf({ answer }: Attack, name: string): string {
  const start = `a=${name}:`;
  const line = answer.split("\r\n").find((line) => line.startsWith(start));
  return line!.slice(start.length);
}

/** A port of the server on loopback. */
function portOf({ answer }: Attack): number {
  return Number(
    /^a=candidate:.* 127\.0\.0\.1 (\d+) typ host/m.exec(answer)![1],
  );
}

/** Ports on one address that candidates name. */
function portsOf(bystander: Bystander, address: string, count: number) {
  return Array.from(
    { length: count },
    () => ({ address, port: bystander.open(address) }),
  );
}

const OFFERS: Record<string, (bystander: Bystander) => Candidate[]> = {
  "256 ports of an address": (bystander) =>
    portsOf(bystander, "127.0.0.2", 256),
  "one port 256 times": (bystander) =>
    Array(256).fill(portsOf(bystander, "127.0.0.3", 1)[0]),
  "one port 256 times, of one foundation": (bystander) =>
    Array(256).fill({
      ...portsOf(bystander, "127.0.0.4", 1)[0],
      foundation: 1,
    }),
  "candidates of all types and components": (bystander) =>
    portsOf(bystander, "127.0.0.5", 128).map((candidate, i) => ({
      ...candidate,
      component: 1 + i % 2,
      type: ["host", "srflx", "relay"][i % 3],
    })),
  "one candidate": (bystander) => portsOf(bystander, "127.0.0.6", 1),
  "an IPv4 address in an IPv6 one": (bystander) =>
    portsOf(bystander, "127.0.0.7", 20).map((candidate, i) => ({
      ...candidate,
      address: ["127.0.0.7", "::ffff:127.0.0.7", "::ffff:7f00:7"][i % 3],
    })),
  "200 addresses": (bystander) =>
    Array.from(
      { length: 200 },
      (_, i) => portsOf(bystander, `127.0.1.${i + 1}`, 1)[0],
    ),
};

/** Holds what came to a third address against what the attacker sent. */
function assertNoGain(name: string, bystander: Bystander, sent: number): void {
  const { count, most, bytes, others } = bystander;
  assert(count > 0, `${name}: nothing came, so is it attacked at all?`);
  assert(most <= 10, `${name}: ${most} packets to an address`);
  assert(count <= 100, `${name}: ${count} packets`);
  assert(bytes < MAX_GAIN * sent, `${name}: ${bytes} bytes for ${sent}`);
  // Nor a DTLS handshake, whose messages are larger by far.
  assertEquals(others, 0, name);
}

/** Has checks and DTLS come to a session from addresses, some ports of each. */
async function forge(addresses: string[], ports: number): Promise<void> {
  await using server = await startServer(["--workers", "1"]);
  using bystander = new Bystander();
  const made = await attack(server, bystander, []);
  for (const address of addresses) portsOf(bystander, address, ports);
  const username = `${valueOf(made, "ice-ufrag")}:abcd`;
  const password = valueOf(made, "ice-pwd");
  const hello = Buffer.from([22, 254, 253, ...Array(60).fill(0)]);
  let { sent } = made;
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < addresses.length * ports; i++) {
      const request = bindingRequest(username, password, ICE_CONTROLLING);
      for (const message of [request, hello]) {
        await bystander.say(i, message, portOf(made));
        sent += message.length;
      }
    }
  }
  await over(server, made);
  assertNoGain(addresses.join().slice(0, 20), bystander, sent);
}

testSideBySide(["linux"], "A third address gets little:", {
  "of offers with its candidates": async () => {
    await using server = await startServer(["--workers", "1"]);
    using all = new DisposableStack();
    const attacks = Object.entries(OFFERS).map(async ([name, candidates]) => {
      const bystander = all.use(new Bystander());
      const made = await attack(server, bystander, candidates(bystander));
      await over(server, made);
      return { name, ...made };
    });
    for (const { name, bystander, sent } of await Promise.all(attacks)) {
      assertNoGain(name, bystander, sent);
    }
  },

  "of checks that seem to come from 50 of its ports": () =>
    forge(["127.0.0.8"], 50),

  "of checks that seem to come from 150 of its addresses": () =>
    forge(Array.from({ length: 150 }, (_, i) => `127.0.2.${i + 1}`), 1),

  "of many offers 200 packets a second": async () => {
    const limits = ["--max-offers-per-second", "100"];
    await using server = await startServer(["--workers", "1", ...limits]);
    using bystander = new Bystander();
    const candidates = Array.from(
      { length: 100 },
      (_, i) => portsOf(bystander, `127.0.3.${i + 1}`, 1)[0],
    );
    const startedAt = performance.now();
    const attacks = await Promise.all(
      Array.from({ length: 30 }, () => attack(server, bystander, candidates)),
    );
    await Promise.all(attacks.map((each) => over(server, each)));
    const seconds = (bystander.lastAt - startedAt) / 1000;
    const { count } = bystander;
    assert(count >= 500, `${count} packets`);
    assert(count <= 600 + 200 * seconds, `${count} packets in ${seconds} s`);
  },
});
