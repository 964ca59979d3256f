import { assertEquals } from "@std/assert";
import { isLoopback } from "../../lib/transport/address.ts";

Deno.test("isLoopback() knows this machine's own addresses", () => {
  const loopback = [
    "127.0.0.1",
    "127.8.9.10",
    "::1",
    "[::1]",
    "::ffff:127.0.0.1",
    "localhost",
  ];
  for (const host of loopback) assertEquals(isLoopback(host), true, host);
});

Deno.test("isLoopback() knows the host of a URL", () => {
  for (const host of ["localhost", "LOCALHOST", "127.1", "[0:0::1]"]) {
    const { hostname } = new URL(`http://${host}:8080/offer`);
    assertEquals(isLoopback(hostname), true, host);
  }
});

Deno.test("isLoopback() takes no other address for one", () => {
  const others = [
    "",
    "0.0.0.0",
    "10.0.0.1",
    "1.127.0.0.1",
    "::",
    "::11",
    "[::1]x",
    "fe80::1",
    "::ffff:10.0.0.1",
    "localhost.example",
    "notlocalhost",
  ];
  for (const host of others) assertEquals(isLoopback(host), false, host);
});
