import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  parseDescription,
  SdpError,
} from "../../../lib/transport/sdp/description.ts";
import { keepFingerprints } from "../../../lib/transport/sdp/fingerprint.ts";

const line = (hash: string, bytes: number, byte = "0F") =>
  `a=fingerprint:${hash} ${Array(bytes).fill(byte).join(":")}`;

const SHA_256 = line("sha-256", 32);
const SHA_512 = line("sha-512", 64);

/** The fingerprints that are left of those of the session and of sections. */
function kept(session: string[], ...sections: string[][]): string[][] {
  const { session: common, sections: parts } = keepFingerprints(
    parseDescription(
      ["v=0", ...session, ...sections.flatMap((each) => ["m=x", ...each])]
        .join("\n"),
    ),
  );
  return [common.slice(1), ...parts.map(([, ...lines]) => lines)];
}

Deno.test("A section has its own fingerprints, or else the session's", () => {
  assertEquals(kept([], [SHA_256]), [[], [SHA_256]]);
  assertEquals(kept([SHA_256], []), [[], [SHA_256]]);
  assertEquals(
    kept([SHA_512], [SHA_256], []),
    [[], [SHA_256], [SHA_512]],
  );
  assertEquals(kept([], [SHA_256], []), [[], [SHA_256], []]);
});

Deno.test("Fingerprints of SHA-2 are taken, in either case", () => {
  const all = [
    ...[SHA_256, SHA_512, line("sha-384", 48), line("sha-224", 28)],
    ...[line("SHA-256", 32), line("sha-256", 32, "0f")],
  ];
  assertEquals(kept([], all), [[], all]);
});

Deno.test("What can't be used beside what can is passed over", () => {
  const all = [line("md5", 16), SHA_256, line("sha-1", 20), "a=fingerprint"];
  assertEquals(kept([], all), [[], [SHA_256]]);
});

Deno.test("Fingerprints of which none can be used are refused", () => {
  const bad = [
    ...[line("md5", 16), line("MD2", 16), line("sha-1", 20)],
    ...[line("md5", 32), line("constructor", 32), line("sha-256", 31)],
    ...[line("sha-256", 33), line("sha-256", 32, "0G"), `${SHA_256} 00`],
    ...[
      SHA_256.replaceAll("0F:", "0F"),
      `${SHA_256}:`,
      "a=fingerprint:sha-256",
    ],
    ...["a=fingerprint:", "a=fingerprint", "a=fingerprint:nonsense"],
  ];
  for (const each of bad) {
    const places: [string, string[][]][] = [
      ["session", [[each], [SHA_256]]],
      ["section 1", [[], [each, each], [SHA_256]]],
      ["section 2", [[SHA_256], [], [each]]],
    ];
    for (const [where, [session, ...sections]] of places) {
      const { message } = assertThrows(
        () => kept(session, ...sections),
        SdpError,
        `No a=fingerprint of the SDP's ${where} can be used (`,
      );
      assertStringIncludes(message, each.slice(14, 40));
    }
  }
});

Deno.test("An error names no more of a fingerprint than fits a line", () => {
  const { message } = assertThrows(
    () => kept([], [`a=fingerprint:${"x".repeat(100_000)}`]),
    SdpError,
  );
  assertEquals(message.length < 300, true);
});
