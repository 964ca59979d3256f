/** STUN messages as tests send them. */
import { Buffer } from "node:buffer";
import { createHmac, randomBytes } from "node:crypto";

const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const PRIORITY = 0x0024;
/** The right peer is the controlled one: from another it is a conflict. */
const ICE_CONTROLLED = 0x8029;
export const ICE_CONTROLLING = 0x802a;

export function attribute(type: number, value: Uint8Array): Buffer {
  const padded = Buffer.alloc(4 + (value.length + 3 & ~3));
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  padded.set(value, 4);
  return padded;
}

/** A connectivity check (RFC 8445 section 7.2.2). */
export function bindingRequest(
  username: string,
  password?: string,
  role = ICE_CONTROLLED,
): Buffer {
  const transaction = randomBytes(12);
  const attributes = Buffer.concat([
    attribute(USERNAME, Buffer.from(username)),
    attribute(PRIORITY, Buffer.of(0x6e, 0, 0, 0xff)),
    attribute(role, randomBytes(8)),
  ]);
  const header = (length: number) =>
    Buffer.concat([
      Buffer.of(0, 1, length >> 8, length, 0x21, 0x12, 0xa4, 0x42),
      transaction,
    ]);
  if (password === undefined) {
    return Buffer.concat([header(attributes.length), attributes]);
  }
  const signed = Buffer.concat([header(attributes.length + 24), attributes]);
  const hmac = createHmac("sha1", password).update(signed).digest();
  return Buffer.concat([signed, attribute(MESSAGE_INTEGRITY, hmac)]);
}
