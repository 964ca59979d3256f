/** Sessions and watchers on networks that aren't just this machine. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HostError } from "../../lib/hosting/host_error.ts";
import type { SessionHost } from "../../lib/hosting/session_host.ts";
import { createLogger } from "../../lib/log.ts";
import type { NetworkOptions } from "../../lib/transport/network.ts";
import {
  connectTo,
  makePeer,
  offerOf,
  peerTest,
  tamperWithDatagrams,
} from "../transport/pair.ts";

/** An address that isn't this machine's: offers don't come over loopback. */
const REMOTE = "198.51.100.1";

async function startHost(network: NetworkOptions): Promise<SessionHost> {
  const { LocalHost } = await import("../../lib/hosting/local_host.ts");
  return new LocalHost({
    log: createLogger({ write: () => {} }),
    session: { network },
  });
}

/** An offer whose candidates are these alone. */
async function offerWith(...candidates: [address: string, port: number][]) {
  await using made = await makePeer();
  made.peer.createDataChannel("data");
  const lines = candidates.map(([address, port], i) =>
    `a=candidate:${i} 1 udp ${2 ** 31 - i} ${address} ${port} typ host\r\n`
  );
  const offer = await offerOf(made.peer);
  return offer.replace(/a=(candidate:|end-of-candidates).*\r\n/g, "") +
    lines.join("");
}

/** The candidates of a description: address and port. */
function candidatesOf(sdp: string): [address: string, port: number][] {
  return [...sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) /gm)]
    .map(([, address, port]) => [address, Number(port)]);
}

peerTest("Nothing is sent where an offer may not lead", async () => {
  const ALLOWED = 1111;
  const CHECKS = 3;
  const asked: number[] = [];
  const enough = Promise.withResolvers<void>();
  // None of it leaves: what is sent, and to which port, is all that counts.
  using _tampering = tamperWithDatagrams((_, _pass, to) => {
    asked.push(to);
    const checks = asked.filter((port) => port === ALLOWED).length;
    if (checks === 2 * CHECKS) enough.resolve();
  });
  await using host = await startHost({});
  const offer = await offerWith(
    ["127.0.0.1", 2222],
    ["169.254.169.254", 3333],
    ["224.0.0.251", 4444],
    ["0.0.0.0", 5555],
    ["example.org", 6666],
    ["192.168.77.77", ALLOWED],
  );
  const { id: session } = await host.publish({ offer, remote: REMOTE });
  await host.watch({ session, offer, remote: REMOTE });
  await enough.promise;
  assertEquals(new Set(asked), new Set([ALLOWED]));
});

peerTest("--udp-ports are the only ones, and may run out", async () => {
  const options = { transport: "udp", hostname: "0.0.0.0" } as const;
  const first = Deno.listenDatagram({ ...options, port: 0 });
  const { port } = first.addr as Deno.NetAddr;
  const udpPorts = [port, port + 20] as const;
  await using host = await startHost({ udpPorts });
  const offer = await offerWith();
  const { sdp } = await host.publish({ offer, remote: "127.0.0.1" });
  const ports = candidatesOf(sdp).map(([, port]) => port);
  assert(ports.length > 0);
  for (const each of ports) assert(each > port && each <= port + 20);

  const taken = [port + 1, port + 2].flatMap((port) => {
    try {
      return Deno.listenDatagram({ ...options, port });
    } catch {
      return [];
    }
  });
  // The wildcard address of IPv6 is another one.
  const taken6 = [port, port + 1, port + 2].flatMap((port) => {
    try {
      return Deno.listenDatagram({ ...options, hostname: "::", port });
    } catch {
      return [];
    }
  });
  await using full = await startHost({ udpPorts: [port, port + 2] });
  const refusal = await assertRejects(
    () => full.publish({ offer, remote: "127.0.0.1" }),
    HostError,
    `No UDP port from ${port} to ${port + 2} is free`,
  );
  assertEquals(refusal.code, "unreachable");
  for (const socket of [first, ...taken, ...taken6]) socket.close();
});

peerTest("--public-address is announced, and leads here", async () => {
  const publicAddress = "127.0.0.2";
  await using host = await startHost({ publicAddress });
  await using made = await makePeer();
  const { peer } = made;
  peer.createDataChannel("data");
  const offer = await offerOf(peer);
  // The server learns of the client only by what comes to its address.
  const { sdp } = await host.publish({
    offer: offer.replace(/a=candidate:.*\r\n/g, ""),
    remote: REMOTE,
  });
  const addresses = candidatesOf(sdp).map(([address]) => address);
  assert(addresses.includes(publicAddress));
  assertEquals(
    addresses.filter((a) => /^\d/.test(a) && a !== publicAddress),
    [],
  );
  await connectTo(peer, sdp);
});
