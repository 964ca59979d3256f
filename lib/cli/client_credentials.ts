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
    help: "PEM file of the authority of the server's certificate",
  },
} as const;

/** What a client shows, and what it trusts. */
export interface ClientCredentials {
  token?: string;
  caCerts?: string[];
}

/**
 * Takes the token from the options or from `POINTWIRE_TOKEN`, and reads the
 * authority's certificates.
 *
 * @throws {CredentialsError} naming the option or the file.
 */
export async function openCredentials(
  options: OptionValues<typeof CREDENTIAL_OPTIONS>,
  log: Logger,
): Promise<ClientCredentials> {
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
  if (options.ca === undefined) return { token };
  const [pem] = await readFiles([options.ca]);
  checkCertificate(pem, options.ca);
  return { token, caCerts: [pem] };
}
