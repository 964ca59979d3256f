/** Where a peer can be reached by UDP. */
export interface UdpAddress {
  hostname: string;
  port: number;
}

const CANDIDATE = /^a=candidate:(\S+) 1 udp (\d+) (\S+) (\d+) typ host\b/i;

/**
 * Finds the address of a session description's first usable candidate: a host
 * candidate of UDP and IPv4, 127.0.0.1 before any other.
 *
 * @throws where there is none.
 */
export function addressOf(sdp: string): UdpAddress {
  const addresses = sdp.split(/\r?\n/).flatMap((line) => {
    const match = CANDIDATE.exec(line);
    if (match === null || !/^[\d.]+$/.test(match[3])) return [];
    return [{ hostname: match[3], port: Number(match[4]) }];
  });
  const [address] = [
    ...addresses.filter(({ hostname }) => hostname === "127.0.0.1"),
    ...addresses,
  ];
  if (address === undefined) {
    throw new Error(
      "The SDP has no host candidate of UDP and IPv4 to relay to",
    );
  }
  return address;
}

/**
 * Puts one candidate in place of all in every media section that has some: a
 * host candidate of 127.0.0.1 and `port`.
 */
export function withCandidate(sdp: string, port: number): string {
  const end = sdp.includes("\r\n") ? "\r\n" : "\n";
  const lines: string[] = [];
  let isReplaced = false;
  for (const line of sdp.split(end)) {
    if (line.startsWith("m=")) isReplaced = false;
    if (!line.startsWith("a=candidate:")) lines.push(line);
    else if (!isReplaced) {
      isReplaced = true;
      lines.push(`a=candidate:1 1 udp 2130706431 127.0.0.1 ${port} typ host`);
    }
  }
  return lines.join(end);
}
