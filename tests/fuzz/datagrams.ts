/** Datagrams as peers send them: STUN, DTLS, SRTP and SRTCP, and application data. */
import { Buffer } from "node:buffer";
import { loadMediaTools } from "../transport/media.ts";
import { connectPair, watchDatagrams } from "../transport/pair.ts";

/** Most of one kind, by the first byte. */
const ENOUGH = 12;

/** Records what two peers send while they connect, and with data and media. */
export async function recordDatagrams(): Promise<Uint8Array[]> {
  const tools = await loadMediaTools();
  const byKind = new Map<number, Uint8Array[]>();
  using _watching = watchDatagrams((_, datagram) => {
    // 20 to 23 are records of DTLS, of which each kind is wanted.
    const kind = datagram[0] << 8 | (datagram[0] === 22 ? datagram[13] : 0);
    const kept = byKind.get(kind) ?? [];
    byKind.set(kind, kept);
    if (kept.length < ENOUGH) kept.push(datagram.slice());
  });
  await using pair = await connectPair({
    prepare: (left) =>
      void left.addTransceiver("audio", { direction: "sendonly" }),
  });
  const [transceiver] = pair.left.getTransceivers();
  const stream = tools.stream(pair.left, transceiver);
  const came = new Promise((resolve) => pair.remote.onMessage.once(resolve));
  for (let i = 0; i < ENOUGH; i++) {
    const payload = Uint8Array.of(0xf8, 0xff, 0xfe);
    const timestamp = 960 * i;
    stream.send({ sequenceNumber: i, timestamp, marker: true, payload });
    pair.channel.send(Buffer.alloc(2000, i));
  }
  await came;
  await pair.left.close();
  return [...byKind.values()].flat();
}
