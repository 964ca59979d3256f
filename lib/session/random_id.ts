/**
 * 128 random bits in base64url, so that nobody guesses another's (RFC 4648 §5).
 */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
