import { assertEquals, assertMatch } from "@std/assert";
import { clientStart } from "../../lib/viewer/client_start.ts";

const LOCAL = "http://localhost:8080";

Deno.test("a server that only this machine reaches is named as it was opened", () => {
  const { how, command, others } = clientStart(LOCAL, []);
  assertEquals(how, "Start a client on this machine:");
  assertMatch(command, /--signaling http:\/\/localhost:8080\/offer /);
  assertEquals(others, "");
});

Deno.test("a server with an address is named by it, for any machine", () => {
  const { how, command, others } = clientStart(LOCAL, [
    "http://192.168.1.5:8080",
  ]);
  assertEquals(how, "Start a client on any machine that reaches the server:");
  assertMatch(command, /--signaling http:\/\/192\.168\.1\.5:8080\/offer /);
  assertEquals(others, "");
});

Deno.test("a server's other addresses are told beside the command", () => {
  const { command, others } = clientStart(LOCAL, [
    ...["http://192.168.1.5:8080", "http://10.0.0.7:8080"],
    "http://[fd00::2]:8080",
  ]);
  assertMatch(command, /192\.168\.1\.5/);
  assertEquals(
    others,
    "The server is at http://10.0.0.7:8080 and http://[fd00::2]:8080, too.",
  );
});
