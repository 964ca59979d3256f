/** The fingerprints of certificates in a session description (RFC 8122). */
import { type Description, SdpError } from "./description.ts";
import { isAttribute, withoutAttributes } from "./section.ts";

/**
 * Bytes of the hash functions that are taken, the strongest first. MD2 and MD5
 * must not be (RFC 8122 section 5). SHA-1 isn't either: who makes two
 * certificates of one SHA-1 could let another take his place, and every WebRTC
 * endpoint has SHA-256 (RFC 8827 section 6.5).
 */
const HASH_BYTES: ReadonlyMap<string, number> = new Map([
  ["sha-512", 64],
  ["sha-384", 48],
  ["sha-256", 32],
  ["sha-224", 28],
]);

/** The hash functions that are taken, the strongest first. */
export const FINGERPRINT_HASHES: readonly string[] = [...HASH_BYTES.keys()];

const FINGERPRINT = /^a=fingerprint:(\S+) ([\da-f]{2}(?::[\da-f]{2})*)$/i;
/** Characters of what an error names. */
const MAX_NAMED = 80;

/**
 * Leaves of the fingerprints those that can be used, in the sections: a section
 * without any of its own has the session's (RFC 8122 section 5).
 *
 * @throws {SdpError} where the session or a section has none but such as can't
 * be used: of another hash function, or malformed.
 */
export function keepFingerprints(
  { session, sections }: Description,
): Description {
  const common = usableIn(session, "session");
  return {
    session: withoutAttributes(session, "fingerprint"),
    sections: sections.map((section, index) => {
      const own = usableIn(section, `section ${index + 1}`);
      return [
        ...withoutAttributes(section, "fingerprint"),
        ...own.length > 0 ? own : common,
      ];
    }),
  };
}

function usableIn(lines: readonly string[], where: string): string[] {
  const all = lines.filter((line) => isAttribute(line, "fingerprint"));
  const usable = all.filter(isUsable);
  if (all.length === 0 || usable.length > 0) return usable;
  const named = all.map((line) => line.slice("a=fingerprint:".length))
    .join(", ");
  throw new SdpError(
    `No a=fingerprint of the SDP's ${where} can be used ` +
      `(${named.slice(0, MAX_NAMED)}): it needs bytes in hexadecimal with ` +
      `colons, of ${FINGERPRINT_HASHES.join(", ")}`,
  );
}

function isUsable(line: string): boolean {
  const [, hash, value] = FINGERPRINT.exec(line) ?? [];
  if (hash === undefined) return false;
  const bytes = HASH_BYTES.get(hash.toLowerCase());
  return bytes !== undefined && value.length === 3 * bytes - 1;
}
