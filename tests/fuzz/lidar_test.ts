import { assert } from "@std/assert";
import { SourceError } from "../../lib/sources/errors.ts";
import { readCapture } from "../../lib/sources/lidar/capture/capture_reader.ts";
import { DatagramReader } from "../../lib/sources/lidar/capture/datagrams.ts";
import { ouster } from "../../lib/sources/lidar/ouster/make.ts";
import { ipv4, ipv6, pcap, pcapng, udp } from "../sources/lidar/captures.ts";
import {
  COLUMNS,
  metadataOf,
  packetsOfFrame,
  ROWS,
} from "../sources/lidar/ouster_packets.ts";
import { temporaryFolder } from "../support.ts";
import { fuzz } from "./fuzz.ts";
import { fuzzTest } from "./settings.ts";

fuzzTest([], "Ouster's packets", async () => {
  const decoder = ouster.createDecoder({ metadata: metadataOf() });
  const corpus = [1, 2, 65_535].flatMap((frame) => packetsOfFrame(frame));
  await fuzz({ name: "ouster", corpus }, ([packet]) => {
    ouster.recognizes(packet, 7502);
    const scan = decoder.push(packet, 0) ?? decoder.push(corpus[0], 0);
    if (scan !== undefined) assert(scan.cloud.points === ROWS * COLUMNS);
  });
});

fuzzTest([], "captures", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.pcap`;
  const [packet] = packetsOfFrame(1);
  const frames = [...ipv4(udp(packet), { most: 600 }), ipv6(udp(packet))]
    .map((data) => ({ time: 1_700_000_000_000, data }));
  const corpus = [pcap(frames), pcap(frames, { isNano: true }), pcapng(frames)];
  await fuzz({ name: "captures", corpus }, async ([capture]) => {
    await Deno.writeFile(path, capture);
    const reader = new DatagramReader();
    try {
      for await (const frame of readCapture(path)) reader.read(frame);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
    }
  });
});
