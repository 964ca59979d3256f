import { assertEquals } from "@std/assert";
import { Servers } from "../../lib/publishing/servers.ts";

const FIRST = "http://a:1/offer";

/** The servers that are asked where none answers. */
function asked(servers: Servers, times: number): string[] {
  return Array.from({ length: times }, () => {
    const { current } = servers;
    servers.passOver();
    return current;
  });
}

Deno.test("A publisher asks one server after the other, and the first again", () => {
  const servers = new Servers(FIRST);
  assertEquals(asked(servers, 2), [FIRST, FIRST]);
  servers.learn(["http://b:1", "http://c:1/"]);
  const [b, c] = ["http://b:1/offer", "http://c:1/offer"];
  assertEquals(asked(servers, 5), [FIRST, b, c, FIRST, b]);
  // The one that took it names others, not itself.
  assertEquals(servers.current, c);
  servers.learn(["http://d:1"]);
  assertEquals(asked(servers, 4), [c, "http://d:1/offer", FIRST, c]);
});

Deno.test("A publisher is sent nowhere without TLS that began with it", () => {
  const servers = new Servers("https://a/offer");
  servers.learn(["http://b", "https://c", "ftp://d", "nonsense"]);
  assertEquals(asked(servers, 3), [
    ...["https://a/offer", "https://c/offer", "https://a/offer"],
  ]);
});
