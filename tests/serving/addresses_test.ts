import { assertEquals } from "@std/assert";
import { type Access, OPEN } from "../../lib/serving/access.ts";
import { addressesRoute, reachableUrls } from "../../lib/serving/addresses.ts";
import { createRouter } from "../../lib/serving/route.ts";

const MACHINE = [
  ...["127.0.0.1", "::1", "fd00::2", "fe80::1", "192.168.1.5"],
  ...["169.254.3.4", "10.0.0.7"],
];

function urls(hostname: string, protocol: "http" | "https" = "http") {
  return reachableUrls({ hostname, port: 8080, protocol }, () => MACHINE);
}

Deno.test("a server on all IPv4 addresses names those that others reach", () => {
  assertEquals(urls("0.0.0.0"), [
    "http://192.168.1.5:8080",
    "http://10.0.0.7:8080",
  ]);
});

Deno.test("a server on all addresses names IPv6 ones after IPv4", () => {
  assertEquals(urls("::", "https"), [
    "https://192.168.1.5:8080",
    "https://10.0.0.7:8080",
    "https://[fd00::2]:8080",
  ]);
});

Deno.test("a server on one address names that one", () => {
  assertEquals(urls("192.168.1.5"), ["http://192.168.1.5:8080"]);
  assertEquals(urls("fd00::2"), ["http://[fd00::2]:8080"]);
});

Deno.test("a server on loopback has no address to name", () => {
  assertEquals(urls("127.0.0.1"), []);
  assertEquals(urls("::1"), []);
});

Deno.test("who may watch some sessions only is told of no address", async () => {
  const listening = () => ({
    ...{ hostname: "192.168.1.5", port: 8080, protocol: "http" as const },
  });
  const ask = async (access: Access) => {
    const route = createRouter([addressesRoute(listening)], {
      authorize: () => access,
    });
    const request = new Request("http://localhost/addresses");
    return await (await route(request, "192.0.2.1")).json();
  };
  assertEquals(await ask(OPEN), ["http://192.168.1.5:8080"]);
  assertEquals(await ask({ rights: { operate: "all" } }), [
    "http://192.168.1.5:8080",
  ]);
  assertEquals(await ask({ rights: { watch: new Set(["one"]) } }), []);
});
