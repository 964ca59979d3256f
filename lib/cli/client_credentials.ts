import { checkCertificate } from "../auth/certificate.ts";
import { readFiles } from "../auth/followed_files.ts";
import { checkToken } from "../auth/tokens.ts";
import type { Logger } from "../log.ts";
import { isLoopback } from "../transport/ice/ip_address.ts";
import type { OptionValues } from "./options.ts";

/** The client's options about the server, and how the two trust each other. */
export const CREDENTIAL_OPTIONS = {
  signaling: {
    type: "url",
    default: "http://localhost:8080/offer",
    help: "Where the server takes offers; /offer where it has no path",
  },
  token: {
    type: "text",
    help: "Token that lets this client publish (or POINTWIRE_TOKEN)",
  },
  ca: {
    type: "text",
    help: "PEM file of the authority of the server's certificate, and a " +
      "robot's",
  },
} as const;

/**
 * Takes the token from the options or from `POINTWIRE_TOKEN`.
 *
 * @returns nothing where there is none.
 * @throws {CredentialsError} naming the option.
 */
export function readToken(
  options: OptionValues<typeof CREDENTIAL_OPTIONS>,
  log: Logger,
): string | undefined {
  const token = options.token ?? (Deno.env.get("POINTWIRE_TOKEN") || undefined);
  if (token !== undefined) {
    checkToken(token, options.token ? "--token" : "POINTWIRE_TOKEN");
  }
  const { protocol, hostname } = new URL(options.signaling);
  if (token !== undefined && protocol === "http:" && !isLoopback(hostname)) {
    log.warn("the token goes unencrypted: the URL is not https", {
      host: hostname,
    });
  }
  return token;
}

/**
 * Reads the certificates of the authority that the options name.
 *
 * @returns nothing where they name none.
 * @throws {CredentialsError} naming the file.
 */
export async function readAuthorities(
  { ca }: OptionValues<typeof CREDENTIAL_OPTIONS>,
): Promise<string[] | undefined> {
  if (ca === undefined) return undefined;
  const [pem] = await readFiles([ca]);
  checkCertificate(pem, ca);
  return [pem];
}
