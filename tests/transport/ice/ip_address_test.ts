import { assertEquals } from "@std/assert";
import {
  familyOf,
  isLoopback,
  scopeOf,
} from "../../../lib/transport/ice/ip_address.ts";

const SCOPES = {
  public: [
    "1.1.1.1",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.2.2",
    "223.255.255.255",
    "2001:db8::1",
    "2606:4700:4700::1111",
    "::ffff:1.1.1.1",
    "::ffff:101:101",
    "64:ff9b::1.1.1.1",
    "2002:101:101::1",
  ],
  private: [
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "fc00::1",
    "fdff::",
    "fec0::1",
    "::ffff:10.0.0.1",
    "::FFFF:c0a8:0101",
    "64:ff9b::a00:1",
    "2002:a00:1::",
  ],
  "link-local": [
    "169.254.169.254",
    "fe80::1",
    "febf::1",
    "::ffff:169.254.169.254",
    "0:0:0:0:0:ffff:a9fe:a9fe",
  ],
  loopback: [
    "127.0.0.1",
    "127.255.255.255",
    "::1",
    "0:0:0:0:0:0:0:1",
    "0000:0000:0000:0000:0000:0000:0000:0001",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::127.0.0.1",
    "64:ff9b::127.0.0.1",
    "2002:7f00:1::",
  ],
  none: [
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.251",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "0::0",
    "ff02::fb",
    "::ffff:0.0.0.0",
    "::ffff:255.255.255.255",
    "::ffff:224.0.0.1",
  ],
} as const;

Deno.test("scopeOf() knows what kind an address is, IPv4 within IPv6 too", () => {
  for (const [scope, addresses] of Object.entries(SCOPES)) {
    for (const address of addresses) {
      assertEquals([address, scopeOf(address)], [address, scope]);
    }
  }
});

Deno.test("scopeOf() reads nothing that isn't an address, or only to some", () => {
  const none = [
    ...["", "localhost", "example.org", "4b7c.local", "127.1", "0x7f.0.0.1"],
    ...["0177.0.0.1", "2130706433", "127.0.0.01", "1.2.3.4.5", "256.0.0.1"],
    ...["127.0.0.1.", " 127.0.0.1", "127.0.0.1 ", "१२७.0.0.1", "fe80::1%eth0"],
    ...["[::1]", ":::", "::1::", ":1", "1:", "1:2:3:4:5:6:7", "12345::"],
    ...["1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "::1.2.3", "1.2.3.4::"],
    ...["::g", "::ffff:127.0.0.1:0", "::ffff:0127.0.0.1"],
  ];
  for (const text of none) {
    assertEquals([text, scopeOf(text)], [text, undefined]);
    assertEquals(familyOf(text), undefined);
  }
  assertEquals([familyOf("1.1.1.1"), familyOf("::ffff:1.1.1.1")], [4, 6]);
});

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
