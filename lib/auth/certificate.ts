import { X509Certificate } from "node:crypto";
import type { TlsIdentity } from "../serving/http_listener.ts";
import { CredentialsError } from "./errors.ts";

/**
 * Checks that a text begins with a certificate in PEM.
 *
 * @param file its name, for the error.
 * @throws {CredentialsError} naming the file.
 */
export function checkCertificate(pem: string, file: string): void {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new CredentialsError(`${file} has no certificate in PEM`, { cause });
  }
}

/**
 * Checks what the files of a certificate and of its key hold.
 *
 * @throws {CredentialsError} naming the file. Whether they belong together is
 * seen when they are used.
 */
export function checkIdentity(
  { cert, key }: TlsIdentity,
  files: TlsIdentity,
): TlsIdentity {
  checkCertificate(cert, files.cert);
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) {
    throw new CredentialsError(`${files.key} has no private key in PEM`);
  }
  return { cert, key };
}
