import { assertEquals } from "@std/assert";
import { forwardedAddress } from "../../lib/serving/forwarded.ts";

const VALUES = {
  "x-forwarded-for": [
    ["192.0.2.1", "192.0.2.1"],
    ["203.0.113.9, 192.0.2.1", "192.0.2.1"],
    ["192.0.2.1:4711", "192.0.2.1"],
    ["2001:db8::7", "2001:db8::7"],
    ["[2001:db8::7]:4711", "2001:db8::7"],
    ["192.0.2.1, unknown", undefined],
    ["", undefined],
    ["203.0.113.9,", undefined],
  ],
  "forwarded": [
    ["for=192.0.2.1", "192.0.2.1"],
    ["for=203.0.113.9, For=192.0.2.1;proto=https", "192.0.2.1"],
    ['proto=https;for="[2001:db8::7]:4711"', "2001:db8::7"],
    ["for=192.0.2.1, by=203.0.113.9", undefined],
    ['for="_hidden"', undefined],
    // What a client wrote to swallow what the proxy adds.
    ['for="203.0.113.9, for=192.0.2.1', "192.0.2.1"],
  ],
} as const;

for (const field of ["x-forwarded-for", "forwarded"] as const) {
  Deno.test(`forwardedAddress() takes the last hop of ${field}`, () => {
    for (const [value, expected] of VALUES[field]) {
      const headers = new Headers({ [field]: value });
      assertEquals(forwardedAddress(headers, field), expected, value);
      assertEquals(forwardedAddress(headers, "none"), undefined);
    }
    assertEquals(forwardedAddress(new Headers(), field), undefined);
  });
}
