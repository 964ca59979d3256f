/** Certificates of an authority that each test makes for itself. */
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR_MS = 3_600_000;

/** All in PEM. */
export interface TestIdentity {
  /** The authority's certificate. */
  ca: string;
  /** The server's. */
  cert: string;
  key: string;
}

/**
 * Makes an authority, and a certificate that it signs.
 *
 * @param names what the certificate is for, besides 127.0.0.1.
 */
export async function makeIdentity(
  names: string[] = ["localhost"],
): Promise<TestIdentity> {
  const [ours, theirs] = await Promise.all([makeKeys(), makeKeys()]);
  const validity = {
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + 24 * HOUR_MS),
    signingAlgorithm: ALGORITHM,
  };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    // Two of one name would be taken for each other.
    name: `CN=pointwire test authority ${crypto.randomUUID()}`,
    keys: theirs,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const cert = await x509.X509CertificateGenerator.create({
    ...validity,
    subject: "CN=pointwire test server",
    issuer: ca.subject,
    publicKey: ours.publicKey,
    signingKey: theirs.privateKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: "dns" as const, value })),
        { type: "ip", value: "127.0.0.1" },
      ]),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", ours.privateKey);
  return {
    ca: ca.toString("pem"),
    cert: cert.toString("pem"),
    key: `-----BEGIN PRIVATE KEY-----\n${
      new Uint8Array(pkcs8).toBase64()
    }\n-----END PRIVATE KEY-----\n`,
  };
}

function makeKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}
