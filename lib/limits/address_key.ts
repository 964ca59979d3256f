/**
 * What an address is counted by: IPv4 by itself, also where it is written as
 * IPv6 (RFC 4291 section 2.5.5.2); IPv6 by its /64, of which one site has all
 * (RFC 6177).
 */
export function addressKey(address: string): string {
  const groups = address.includes(":") && groupsOf(address);
  if (!groups) return address;
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") {
    return groups.slice(6).map((group) => parseInt(group, 16))
      .flatMap((group) => [group >> 8, group & 0xff]).join(".");
  }
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] | undefined {
  const [bare] = address.split("%", 1);
  // The URL standard writes an address in the one way of RFC 5952.
  const host = URL.parse(`http://[${bare}]`)?.hostname.slice(1, -1);
  if (host === undefined) return undefined;
  const [left, right] = host.split("::", 2)
    .map((half) => half === "" ? [] : half.split(":"));
  if (right === undefined) return left;
  const zeros = Array(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right];
}
