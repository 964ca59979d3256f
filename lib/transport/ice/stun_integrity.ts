import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IceAgent } from "../werift/ice.ts";

/** Bytes of a STUN message's header (RFC 8489 section 5). */
const HEADER_BYTES = 20;
/** Types of attributes (RFC 8489 section 14). */
const ATTRIBUTE = { username: 0x0006, messageIntegrity: 0x0008 } as const;
/** Bytes of MESSAGE-INTEGRITY's type and length, and of the HMAC-SHA1. */
const ATTRIBUTE_HEADER_BYTES = 4;
const HMAC_BYTES = 20;

/**
 * Has an ICE agent pass over the connectivity checks of strangers, who don't
 * have its password. werift answers anybody, and sends checks of its own
 * wherever they seem to come from.
 */
export function checkIntegrity(ice: IceAgent): void {
  const passwordOf = (fragment: string) => ice.passwordOf(fragment);
  ice.onProtocol((protocol) =>
    protocol.filterRequests((message) =>
      isAuthenticRequest(message, passwordOf)
    )
  );
}

/**
 * Whether the sender of a connectivity check has our password, which its
 * MESSAGE-INTEGRITY proves (RFC 8445 section 7.3, RFC 8489 section 9.1.3).
 *
 * @param passwordOf gives the password of a user name fragment of ours.
 */
export function isAuthenticRequest(
  message: Uint8Array,
  passwordOf: (ourFragment: string) => string | undefined,
): boolean {
  const buffer = Buffer.from(message);
  let username: string | undefined;
  for (let at = HEADER_BYTES; at + ATTRIBUTE_HEADER_BYTES <= buffer.length;) {
    const type = buffer.readUInt16BE(at);
    const length = buffer.readUInt16BE(at + 2);
    const start = at + ATTRIBUTE_HEADER_BYTES;
    const value = buffer.subarray(start, start + length);
    if (value.length < length) return false;
    if (type === ATTRIBUTE.username) username = value.toString();
    if (type === ATTRIBUTE.messageIntegrity) {
      // USERNAME comes before it: what follows it isn't protected.
      const password = passwordOf(username?.split(":", 1)[0] ?? "");
      return password !== undefined &&
        isHmacOf(value, buffer.subarray(0, at), password);
    }
    at = start + (length + 3 & ~3);
  }
  return false;
}

/** @param before the message up to MESSAGE-INTEGRITY. */
function isHmacOf(hmac: Buffer, before: Buffer, password: string): boolean {
  if (hmac.length !== HMAC_BYTES) return false;
  const message = Buffer.from(before);
  // The length is that of a message that ends with the attribute.
  message.writeUInt16BE(
    before.length - HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + HMAC_BYTES,
    2,
  );
  const expected = createHmac("sha1", password).update(message).digest();
  return timingSafeEqual(hmac, expected);
}
