/** What a kind of address an IP address is; `public` is all the rest. */
export type AddressScope =
  | "public"
  /** RFC 1918, RFC 6598, RFC 4193. */
  | "private"
  /** RFC 3927, RFC 4291 section 2.5.6. */
  | "link-local"
  | "loopback"
  /** Multicast, unspecified, broadcast, reserved: nobody's address. */
  | "none";

/** IPv4 networks that aren't public, by their first bytes (RFC 6890). */
const IPV4: [network: string, bits: number, scope: AddressScope][] = [
  ["0.0.0.0", 8, "none"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "private"],
  ["127.0.0.0", 8, "loopback"],
  ["169.254.0.0", 16, "link-local"],
  ["172.16.0.0", 12, "private"],
  ["192.168.0.0", 16, "private"],
  ["224.0.0.0", 4, "none"],
  ["240.0.0.0", 4, "none"],
];

/**
 * Finds what kind an address is. An IPv6 address that leads to an IPv4 one
 * (mapped, compatible, NAT64, 6to4) is of that one's kind.
 *
 * @param address an IPv4 address of four decimals, or an IPv6 address.
 * @returns `undefined` for everything else, such as a host name.
 */
export function scopeOf(address: string): AddressScope | undefined {
  const ipv4 = parseIpv4(address);
  if (ipv4 !== undefined) return scopeOfIpv4(ipv4);
  const ipv6 = parseIpv6(address);
  return ipv6 === undefined ? undefined : scopeOfIpv6(ipv6);
}

/** Whether a host name or address is of this machine's loopback. */
export function isLoopback(host: string): boolean {
  return /^(127\.|\[?::1\]?$|::ffff:127\.|localhost$)/.test(host);
}

/** The version of an IP address, or `undefined` for what is none. */
export function familyOf(address: string): 4 | 6 | undefined {
  if (parseIpv4(address) !== undefined) return 4;
  return parseIpv6(address) === undefined ? undefined : 6;
}

/** An address as it is on the wire: 4 or 16 bytes; nothing for what is none. */
export function bytesOfAddress(address: string): Uint8Array | undefined {
  const ipv4 = parseIpv4(address);
  const groups = ipv4 === undefined
    ? parseIpv6(address)
    : [ipv4 >>> 16, ipv4 & 0xffff];
  return groups &&
    Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function scopeOfIpv4(address: number): AddressScope {
  for (const [network, bits, scope] of IPV4) {
    const distance = (address ^ parseIpv4(network)!) >>> (32 - bits);
    if (distance === 0) return scope;
  }
  return "public";
}

function scopeOfIpv6(groups: number[]): AddressScope {
  const startsWith = (...start: number[]) =>
    start.every((group, i) => groups[i] === group);
  const ipv4At = (at: number) =>
    scopeOfIpv4((groups[at] << 16 | groups[at + 1]) >>> 0);
  if (startsWith(0, 0, 0, 0, 0, 0)) {
    if (groups[6] === 0 && groups[7] <= 1) {
      return groups[7] === 1 ? "loopback" : "none";
    }
    return ipv4At(6);
  }
  if (startsWith(0, 0, 0, 0, 0, 0xffff)) return ipv4At(6);
  if (startsWith(0x64, 0xff9b)) return ipv4At(6);
  if (startsWith(0x2002)) return ipv4At(1);
  const [first] = groups;
  if ((first & 0xff00) === 0xff00) return "none";
  if ((first & 0xffc0) === 0xfe80) return "link-local";
  const isPrivate = (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfec0;
  return isPrivate ? "private" : "public";
}

/** Four decimals without leading zeros, which some programs take for octal. */
function parseIpv4(text: string): number | undefined {
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((address, byte) => (address << 8 | byte) >>> 0, 0);
}

/**
 * The eight groups of an IPv6 address (RFC 4291 section 2.2), without a zone.
 */
function parseIpv6(text: string): number[] | undefined {
  if (!/^[\da-f:.]+$/i.test(text) || !text.includes(":")) return undefined;
  const sides = text.split("::");
  if (sides.length > 2) return undefined;
  const left = groupsOf(sides[0]);
  const right = groupsOf(sides[1] ?? "");
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (sides.length === 1 ? missing !== 0 : missing < 1) return undefined;
  // Four decimals come last.
  if (sides.length === 2 && sides[0].includes(".")) return undefined;
  return [...left, ...Array<number>(missing).fill(0), ...right];
}

function groupsOf(side: string): number[] | undefined {
  if (side === "") return [];
  const parts = side.split(":");
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    const ipv4 = i === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4 !== undefined) groups.push(ipv4 >>> 16, ipv4 & 0xffff);
    else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
