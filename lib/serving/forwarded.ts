/** Ways in which a reverse proxy names the address that it was asked from. */
export const PROXY_FIELDS = ["none", "x-forwarded-for", "forwarded"] as const;
/** The name of such a header field; none where there is no proxy. */
export type ProxyField = typeof PROXY_FIELDS[number];

/**
 * The address that the last proxy was asked from: what stands before it in the
 * field was written by whoever asked, and may be made up.
 *
 * @returns none where the field is missing or names no address.
 */
export function forwardedAddress(
  headers: Headers,
  field: ProxyField,
): string | undefined {
  if (field === "none") return undefined;
  const last = headers.get(field)?.split(",").at(-1)?.trim() ?? "";
  const node = field === "forwarded"
    // RFC 7239 section 4: pairs, of which "for" has the node of section 6.
    ? /(?:^|;)\s*for="?([^";]+)"?/i.exec(last)?.[1]
    : last;
  return node ? addressOf(node) : undefined;
}

/** The address of a node, which may have a port; IPv6 is in brackets then. */
function addressOf(node: string): string | undefined {
  const v4 = /^(\d+\.\d+\.\d+\.\d+)(:\d+)?$/.exec(node)?.[1];
  if (v4 !== undefined) return v4;
  const v6 = /^\[(.*)\](:\d+)?$/.exec(node)?.[1] ?? node;
  const isAddress = v6.includes(":") && URL.canParse(`http://[${v6}]`);
  return isAddress ? v6 : undefined;
}
