/** The UDP datagrams in captured frames. */
import type { CapturedFrame } from "./capture_reader.ts";
import { FragmentStore } from "./fragments.ts";

/** What one UDP packet carried. */
export interface Datagram {
  /** As text: four numbers (IPv4), or eight groups (IPv6). */
  sourceAddress: string;
  sourcePort: number;
  targetPort: number;
  /** Valid until the next frame is read. */
  payload: Uint8Array;
}

/** Values of EtherType (IEEE 802). */
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const VLANS = new Set([0x8100, 0x88a8, 0x9100]);
const MAX_VLANS = 4;

/** Values of IPv4's protocol and IPv6's next header (IANA). */
const UDP = 17;
const FRAGMENT = 44;
/** Hop-by-hop options, routing, destination options. */
const EXTENSIONS = new Set([0, 43, 60]);
const MAX_EXTENSIONS = 8;

/** Values of a frame's link type. */
const LINK = {
  null: 0,
  ethernet: 1,
  rawBsd: 12,
  rawOpenBsd: 14,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
};

/** Finds datagrams in frames, and puts together those that came in pieces. */
export class DatagramReader {
  readonly #fragments = new FragmentStore();

  /** @returns the datagram that a frame holds or completes, if any. */
  read({ linkType, data }: CapturedFrame): Datagram | undefined {
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    const at = startOfIp(view, linkType);
    if (at === undefined || at >= view.byteLength) return undefined;
    const packet = data.subarray(at);
    const version = packet[0] >> 4;
    if (version === 4) return this.#readIpv4(packet);
    return version === 6 ? this.#readIpv6(packet) : undefined;
  }

  /** RFC 791, section 3.1. */
  #readIpv4(packet: Uint8Array): Datagram | undefined {
    const view = viewOf(packet);
    const headerBytes = (packet[0] & 0xf) * 4;
    if (packet.length < 20 || headerBytes < 20 || packet[9] !== UDP) {
      return undefined;
    }
    // A network card that cuts packets itself may leave their length at 0.
    const total = view.getUint16(2) || packet.length;
    if (total > packet.length || total < headerBytes) return undefined;
    const body = packet.subarray(headerBytes, total);
    const source = packet.subarray(12, 16).join(".");
    const flags = view.getUint16(6);
    const hasMore = (flags & 0x2000) !== 0;
    const offset = (flags & 0x1fff) * 8;
    if (!hasMore && offset === 0) return readUdp(source, body);
    const target = packet.subarray(16, 20).join(".");
    const key = `${source} ${target} ${view.getUint16(4)}`;
    return this.#readFragment(source, { key, offset, hasMore, body });
  }

  /** RFC 8200, sections 3 and 4. */
  #readIpv6(packet: Uint8Array): Datagram | undefined {
    if (packet.length < 40) return undefined;
    const view = viewOf(packet);
    const total = 40 + view.getUint16(4);
    if (total > packet.length) return undefined;
    const source = groups(view, 8);
    let next = packet[6];
    let at = 40;
    for (let i = 0; i < MAX_EXTENSIONS && at + 8 <= total; i++) {
      if (next === UDP) return readUdp(source, packet.subarray(at, total));
      if (next === FRAGMENT) {
        if (packet[at] !== UDP) return undefined;
        const field = view.getUint16(at + 2);
        const key = `${source} ${groups(view, 24)} ${view.getUint32(at + 4)}`;
        const body = packet.subarray(at + 8, total);
        const [offset, hasMore] = [field & 0xfff8, (field & 1) === 1];
        return this.#readFragment(source, { key, offset, hasMore, body });
      }
      if (!EXTENSIONS.has(next)) return undefined;
      next = packet[at];
      at += (packet[at + 1] + 1) * 8;
    }
  }

  #readFragment(
    source: string,
    fragment: Parameters<FragmentStore["add"]>[0],
  ): Datagram | undefined {
    const whole = this.#fragments.add(fragment);
    return whole === undefined ? undefined : readUdp(source, whole);
  }
}

/** RFC 768. */
function readUdp(
  sourceAddress: string,
  packet: Uint8Array,
): Datagram | undefined {
  if (packet.length < 8) return undefined;
  const view = viewOf(packet);
  const length = view.getUint16(4) || packet.length;
  if (length < 8 || length > packet.length) return undefined;
  return {
    sourceAddress,
    sourcePort: view.getUint16(0),
    targetPort: view.getUint16(2),
    payload: packet.subarray(8, length),
  };
}

/** Finds where IP begins in a frame, where it holds some. */
function startOfIp(frame: DataView, linkType: number): number | undefined {
  switch (linkType) {
    case LINK.ethernet:
      return afterVlans(frame, 12);
    case LINK.linuxCooked:
      return afterVlans(frame, 14);
    case LINK.linuxCooked2:
      return afterVlans(frame, 0, 20);
    case LINK.null:
    case LINK.loop:
      return 4;
    case LINK.raw:
    case LINK.rawBsd:
    case LINK.rawOpenBsd:
    case LINK.ipv4:
    case LINK.ipv6:
      return 0;
  }
}

/**
 * Passes over the VLAN tags of a frame.
 *
 * @param typeAt where its EtherType is.
 * @param start where what is of that type begins.
 */
function afterVlans(
  frame: DataView,
  typeAt: number,
  start = typeAt + 2,
): number | undefined {
  let type = typeAt;
  for (let vlans = 0, at = start; vlans <= MAX_VLANS; vlans++, at += 4) {
    if (type + 2 > frame.byteLength) return undefined;
    const value = frame.getUint16(type);
    if (value === IPV4 || value === IPV6) return at;
    if (!VLANS.has(value)) return undefined;
    type = at + 2;
  }
}

function groups(view: DataView, at: number): string {
  return Array.from(
    { length: 8 },
    (_, i) => view.getUint16(at + 2 * i).toString(16),
  ).join(":");
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
