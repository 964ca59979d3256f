/** Tells whether a host name or address is of this machine's loopback. */
export function isLoopback(host: string): boolean {
  return /^(127\.|\[?::1\]?$|::ffff:127\.|localhost$)/.test(host);
}
