import { assertEquals, assertThrows } from "@std/assert";
import {
  NETWORK_OPTIONS,
  readNetworkOptions,
  SERVER_NETWORK_OPTIONS,
} from "../../lib/cli/network_options.ts";
import { parseOptions, UsageError } from "../../lib/cli/options.ts";
import { CANDIDATE_SCOPES } from "../../lib/transport/ice/candidates.ts";

function read(...args: string[]) {
  const spec = { ...NETWORK_OPTIONS, ...SERVER_NETWORK_OPTIONS };
  return readNetworkOptions(parseOptions(args, spec)!);
}

Deno.test("Without options all ways are open, and no server is asked", () => {
  assertEquals(read(), {
    iceServers: [],
    iceTransport: "all",
    udpPorts: undefined,
    publicAddress: undefined,
    allowCandidates: undefined,
  });
});

Deno.test("--ice-server is repeated, or has commas", () => {
  const stun = { urls: "stun:[2001:db8::1]:19302" };
  const turn = {
    urls: "turn:turn.example:3478?transport=tcp",
    username: "1732600000:me",
    credential: "p@ss,word:1",
  };
  const turnUrl = "turn:1732600000%3Ame:p@ss%2Cword:1@turn.example:3478" +
    "?transport=tcp";
  assertEquals(
    read("--ice-server", stun.urls, "--ice-server", turnUrl).iceServers,
    [stun, turn],
  );
  assertEquals(
    read("--ice-server", `${stun.urls}, ${turnUrl}`).iceServers,
    [stun, turn],
  );
});

Deno.test("The network's options have their values", () => {
  assertEquals(read("--udp-ports", "50000-50999").udpPorts, [50_000, 50_999]);
  assertEquals(
    read("--public-address", "2001:db8::1").publicAddress,
    "2001:db8::1",
  );
  assertEquals(read("--allow-candidates", "all").allowCandidates, [
    ...CANDIDATE_SCOPES,
  ]);
  assertEquals(read("--allow-candidates", "none").allowCandidates, []);
  assertEquals(
    read("--allow-candidates", "private,loopback").allowCandidates,
    ["private", "loopback"],
  );
  const relay = ["--ice-server", "turn:u:p@h", "--ice-transport", "relay"];
  assertEquals(read(...relay).iceTransport, "relay");
});

Deno.test("A value that the network's options don't take is named in a sentence", () => {
  const begins = "--ice-server begins with stun: or turn:, not ";
  const takesOne = "--ice-server takes one STUN and one TURN server";
  const user = "--ice-server turn: has user and password: " +
    "turn:USER:PASSWORD@HOST";
  const ports = "--udp-ports is FIRST-LAST, such as 50000-50999, not ";
  const address = "--public-address is an IP address, not ";
  const scopes =
    "--allow-candidates is loopback, link-local, private, or all " +
    "or none alone, not ";
  const cases: Record<string, string> = {
    "--ice-server=": "--ice-server needs a value",
    "--ice-server=stun:a,": "--ice-server needs a value",
    "--ice-server=example.org": `${begins}"example.org"`,
    "--ice-server=turns:u:secret@h": `${begins}"turns:"`,
    "--ice-server=stun:": '--ice-server stun: names HOST or HOST:PORT, not ""',
    "--ice-server=stun:a:99999":
      '--ice-server stun: names HOST or HOST:PORT, not "a:99999"',
    "--ice-server=stun:u:secret@h":
      "--ice-server stun: takes no user and no ?transport",
    "--ice-server=stun:a,stun:b": takesOne,
    "--ice-server=turn:u:p@a,turn:u:p@b": takesOne,
    "--ice-server=turn:h": user,
    "--ice-server=turn:u:@h": user,
    "--ice-server=turn:u:%zz@h":
      "--ice-server turn: has a % in user or password that begins no escape",
    "--ice-server=turn:u:secret@h?transport=tls":
      '--ice-server turn: takes ?transport=udp or tcp, not "?transport=tls"',
    "--ice-transport=relay": "--ice-transport relay needs a TURN --ice-server",
    "--udp-ports=50000": `${ports}"50000"`,
    "--udp-ports=2-1": `${ports}"2-1"`,
    "--udp-ports=1-65536": `${ports}"1-65536"`,
    "--public-address=example.org": `${address}"example.org"`,
    "--public-address=0.0.0.0": `${address}"0.0.0.0"`,
    "--allow-candidates=moon": `${scopes}"moon"`,
    "--allow-candidates=all,private": `${scopes}"all"`,
  };
  for (const [argument, message] of Object.entries(cases)) {
    const error = assertThrows(() => read(argument), UsageError);
    assertEquals([argument, error.message], [argument, message]);
  }
});
