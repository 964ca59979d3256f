/** Captures of UDP packets, as tcpdump and others write them. */

/** A captured payload. */
export interface CapturedPayload {
  /** Milliseconds since the epoch. */
  time: number;
  payload: Uint8Array;
  /** The last number of its IPv4 address. @default {1} */
  source?: number;
}

function bytesOf(
  length: number,
  write: (view: DataView) => void,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((n, { length }) => n + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function udp(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = bytesOf(8, (view) => {
    view.setUint16(0, 7502);
    view.setUint16(2, 7502);
    view.setUint16(4, 8 + payload.length);
  });
  return join([header, payload]);
}

/** IPv4 packets of a datagram, each with at most `most` bytes of it. */
export function ipv4(
  datagram: Uint8Array,
  { source = 1, most = 65_000, id = 1 } = {},
): Uint8Array<ArrayBuffer>[] {
  const packets: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < datagram.length; at += most) {
    const body = datagram.subarray(at, at + most);
    const hasMore = at + most < datagram.length;
    const header = bytesOf(20, (view) => {
      view.setUint8(0, 0x45);
      view.setUint16(2, 20 + body.length);
      view.setUint16(4, id);
      view.setUint16(6, (hasMore ? 0x2000 : 0) | at / 8);
      view.setUint8(9, 17);
      view.setUint32(12, 0xc0000200 + source);
      view.setUint32(16, 0xc0000263);
    });
    packets.push(join([header, body]));
  }
  return packets;
}

/** An IPv6 packet with hop-by-hop options before the datagram. */
export function ipv6(datagram: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = bytesOf(48, (view) => {
    view.setUint8(0, 0x60);
    view.setUint16(4, 8 + datagram.length);
    view.setUint16(8, 0xfe80);
    view.setUint8(40, 17);
  });
  return join([header, datagram]);
}

/** What frames of a link type begin with, before IPv4. */
export const LINKS: Record<string, [linkType: number, prefix: number[]]> = {
  "Ethernet": [1, [...Array(12).fill(2), 8, 0]],
  "Ethernet with two VLAN tags": [
    1,
    [...Array(12).fill(2), 0x88, 0xa8, 0, 5, 0x81, 0, 0, 7, 8, 0],
  ],
  "Linux cooked": [113, [...Array(14).fill(0), 8, 0]],
  "Linux cooked 2": [276, [8, 0, ...Array(18).fill(0)]],
  "null": [0, [2, 0, 0, 0]],
  "raw": [101, []],
};

/** A pcap of frames. */
export function pcap(
  frames: readonly { time: number; data: Uint8Array }[],
  { linkType = 101, isLittle = true, isNano = false } = {},
): Uint8Array<ArrayBuffer> {
  const header = bytesOf(24, (view) => {
    view.setUint32(0, isNano ? 0xa1b23c4d : 0xa1b2c3d4, isLittle);
    view.setUint32(16, 262_144, isLittle);
    view.setUint32(20, linkType, isLittle);
  });
  const records = frames.flatMap(({ time, data }) => [
    bytesOf(16, (view) => {
      const fraction = (time % 1000) * (isNano ? 1e6 : 1e3);
      view.setUint32(0, Math.floor(time / 1000), isLittle);
      view.setUint32(4, Math.round(fraction), isLittle);
      view.setUint32(8, data.length, isLittle);
      view.setUint32(12, data.length, isLittle);
    }),
    data,
  ]);
  return join([header, ...records]);
}

/** A pcapng of frames, with times of nanoseconds. */
export function pcapng(
  frames: readonly { time: number; data: Uint8Array }[],
  linkType = 101,
): Uint8Array<ArrayBuffer> {
  const block = (type: number, body: Uint8Array) => {
    const length = 12 + Math.ceil(body.length / 4) * 4;
    return bytesOf(length, (view) => {
      view.setUint32(0, type, true);
      view.setUint32(4, length, true);
      new Uint8Array(view.buffer).set(body, 8);
      view.setUint32(length - 4, length, true);
    });
  };
  const section = bytesOf(16, (view) => view.setUint32(0, 0x1a2b3c4d, true));
  const nano = bytesOf(20, (view) => {
    view.setUint16(0, linkType, true);
    view.setUint16(8, 9, true);
    view.setUint16(10, 1, true);
    view.setUint8(12, 9);
  });
  const packets = frames.map(({ time, data }) => {
    const units = BigInt(Math.round(time * 1e3)) * 1000n;
    const head = bytesOf(20, (view) => {
      view.setUint32(4, Number(units >> 32n), true);
      view.setUint32(8, Number(units & 0xffffffffn), true);
      view.setUint32(12, data.length, true);
      view.setUint32(16, data.length, true);
    });
    return block(6, join([head, data]));
  });
  return join([block(0x0a0d0d0a, section), block(1, nano), ...packets]);
}

/** A pcap of UDP payloads. */
export function pcapOf(
  payloads: readonly CapturedPayload[],
): Uint8Array<ArrayBuffer> {
  return pcap(payloads.map(({ time, payload, source }) => ({
    time,
    data: ipv4(udp(payload), { source })[0],
  })));
}
