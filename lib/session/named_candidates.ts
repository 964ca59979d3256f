/**
 * Leaves the candidates out whose address is a name (RFC 8839 section 5.1): werift
 * would ask the network for each, at any stranger's word, and hold sockets and
 * memory for 10 s. A browser that hides its addresses behind names
 * (draft-ietf-mmusic-mdns-ice-candidates) is known by its own checks.
 */
export function withoutNamedCandidates(sdp: string): string {
  const kept = sdp.replace(
    /^a=candidate:.*(?:\r\n|\n|$)/gm,
    (line) => isAddress(line.split(" ")[4]) ? line : "",
  );
  // werift gives up at once where there are none and none are to come.
  return kept === sdp
    ? sdp
    : kept.replace(/^a=end-of-candidates(?:\r\n|\n|$)/gm, "");
}

/** A candidate without any is left for the parser to refuse. */
function isAddress(text = ""): boolean {
  if (text === "") return true;
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || text.includes(":");
}
