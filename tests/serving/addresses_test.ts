import { assertEquals } from "@std/assert";
import { reachableUrls } from "../../lib/serving/addresses.ts";

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
