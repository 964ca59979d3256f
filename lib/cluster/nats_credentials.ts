/** Who a node is for NATS, as a file says it that its operator keeps. */
import type { Authenticator } from "@nats-io/transport-node";
import { BusError } from "./bus.ts";

/** Most bytes of a file: a JWT with many permissions has some KiB. */
const MAX_FILE_BYTES = 64 * 1024;
const JWT_BLOCK = "-----BEGIN NATS USER JWT-----";
/** The seed of a user's key, in base32. */
const SEED = /^SU[A-Z2-7]{56}$/m;
/** A user, and a password that may have colons. */
const USER = /^([^:\r\n]+):([^\r\n]+)\r?\n?$/;

/** What a file gives to NATS. */
export type NatsCredentials =
  /** A user's JWT and the seed of its key: what `nsc` writes. */
  | { type: "jwt"; text: string }
  /** The seed alone. */
  | { type: "nkey"; seed: string }
  | { type: "user"; user: string; password: string };

/** What makes answers to a server's question who one is. */
type Makers = Pick<
  typeof import("@nats-io/transport-node"),
  "credsAuthenticator" | "nkeyAuthenticator" | "usernamePasswordAuthenticator"
>;

/** Reads what a file of credentials has; nothing where it is none. */
export function parseCredentials(text: string): NatsCredentials | undefined {
  const [seed] = SEED.exec(text) ?? [];
  if (text.includes(JWT_BLOCK)) {
    return seed === undefined ? undefined : { type: "jwt", text };
  }
  if (seed !== undefined) return { type: "nkey", seed };
  const [, user, password] = USER.exec(text) ?? [];
  return user === undefined ? undefined : { type: "user", user, password };
}

/**
 * Reads a text file, of which little is taken.
 *
 * @throws {BusError} naming it.
 */
export function readSmallFile(path: string): string {
  try {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(MAX_FILE_BYTES + 1);
    let length = 0;
    while (length < bytes.length) {
      const count = file.readSync(bytes.subarray(length));
      if (count === null) break;
      length += count;
    }
    if (length > MAX_FILE_BYTES) {
      throw new BusError(`${path} has more than ${MAX_FILE_BYTES} bytes`);
    }
    return new TextDecoder().decode(bytes.subarray(0, length));
  } catch (cause) {
    if (cause instanceof BusError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BusError(`Can't read ${path}: ${why}`, { cause });
  }
}

/**
 * Makes what tells a server who this node is. The file is read for each
 * connection: what is new in it counts from then on.
 *
 * @throws {BusError} where it can't be used at first; later the last stays.
 */
export function credentialsOf(path: string, makers: Makers): Authenticator {
  let known = readCredentials(path);
  return (nonce) => {
    try {
      const read = readCredentials(path);
      const answer = authenticatorOf(read, makers)(nonce);
      known = read;
      return answer;
    } catch {
      // It may be half written: the next connection looks again. NATS' client
      // gives up for good where nothing is answered.
      return authenticatorOf(known, makers)(nonce);
    }
  };
}

function readCredentials(path: string): NatsCredentials {
  const credentials = parseCredentials(readSmallFile(path));
  if (credentials !== undefined) return credentials;
  // What the file has is told to nobody.
  throw new BusError(
    `${path} has no credentials of NATS: give a .creds file, the seed of a ` +
      "user's key (SU…), or one line USER:PASSWORD",
  );
}

function authenticatorOf(
  credentials: NatsCredentials,
  makers: Makers,
): Authenticator {
  const bytes = (text: string) => new TextEncoder().encode(text);
  switch (credentials.type) {
    case "jwt":
      return makers.credsAuthenticator(bytes(credentials.text));
    case "nkey":
      return makers.nkeyAuthenticator(bytes(credentials.seed));
    case "user": {
      const { user, password } = credentials;
      return makers.usernamePasswordAuthenticator(user, password);
    }
  }
}
