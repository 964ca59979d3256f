import { assertEquals } from "@std/assert";
import { addressKey } from "../../lib/limits/address_key.ts";

Deno.test("addressKey() counts IPv4 by itself, however it is written", () => {
  assertEquals(addressKey("192.0.2.7"), "192.0.2.7");
  assertEquals(addressKey("::ffff:192.0.2.7"), "192.0.2.7");
  assertEquals(addressKey("::FFFF:192.0.2.7"), "192.0.2.7");
  assertEquals(addressKey("::ffff:c000:207"), "192.0.2.7");
  assertEquals(addressKey("0:0:0:0:0:ffff:c000:0207"), "192.0.2.7");
});

Deno.test("addressKey() counts IPv6 by its /64", () => {
  const one = "2001:db8:1:2::/64";
  assertEquals(addressKey("2001:db8:1:2::1"), one);
  assertEquals(addressKey("2001:0DB8:0001:0002:ffff:0:0:1"), one);
  assertEquals(addressKey("2001:db8:1:3::1"), "2001:db8:1:3::/64");
  assertEquals(addressKey("2001:db8::1"), "2001:db8:0:0::/64");
  assertEquals(addressKey("::1"), "0:0:0:0::/64");
  assertEquals(addressKey("fe80::1%eth0"), "fe80:0:0:0::/64");
});

Deno.test("addressKey() leaves what is no address as it is", () => {
  for (const text of ["", "unix", "a:b", ":::"]) {
    assertEquals(addressKey(text), text);
  }
});
