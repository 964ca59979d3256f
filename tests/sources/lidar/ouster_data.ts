/** Packets of real Ouster sensors, in ../shared/data. */
import { readCapture } from "../../../lib/sources/lidar/capture/capture_reader.ts";
import { DatagramReader } from "../../../lib/sources/lidar/capture/datagrams.ts";
import { ouster } from "../../../lib/sources/lidar/ouster/make.ts";
import type { TimedCloud } from "../../../lib/sources/source.ts";
import { ROOT } from "../../support.ts";

export const DATA = `${ROOT}../shared/data/ouster`;

/** A recording: the name of its capture, and that of its metadata. */
export interface Recording {
  capture: string;
  metadata: string;
}

/** Recordings by what they show. */
export const RECORDINGS = {
  lowBandwidth: {
    capture: "OS-0-128-U1_v2.3.0_1024x10.pcap",
    metadata: "OS-0-128-U1_v2.3.0_1024x10.json",
  },
  threeScans: {
    capture: "OS-1-128_v2.3.0_1024x10_lb_n3.pcap",
    metadata: "OS-1-128_v2.3.0_1024x10.json",
  },
  legacy: {
    capture: "OS-2-32-U0_v2.0.0_1024x10.pcap",
    metadata: "OS-2-32-U0_v2.0.0_1024x10.json",
  },
  twoScansOneCut: { capture: "crc_test.pcap", metadata: "crc_test.json" },
  windowed: {
    capture: "windowed_frame1.pcap",
    metadata: "windowed_frame1_0.json",
  },
} as const;

export async function readJson(name: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(`${DATA}/${name}`));
}

/** A packet of points, and when it was captured. */
export interface Packet {
  payload: Uint8Array<ArrayBuffer>;
  time: number;
}

/** The packets of points in a capture. */
export async function packetsOf(name: string): Promise<Packet[]> {
  const datagrams = new DatagramReader();
  const packets: Packet[] = [];
  for await (const frame of readCapture(`${DATA}/${name}`)) {
    const datagram = datagrams.read(frame);
    if (datagram === undefined) continue;
    const { payload, targetPort } = datagram;
    if (!ouster.recognizes(payload, targetPort)) continue;
    packets.push({ payload: payload.slice(), time: frame.time });
  }
  return packets;
}

/** The scans of a recording, the last one with what there is of it. */
export async function scansOf(
  { capture, metadata }: Recording,
): Promise<TimedCloud[]> {
  const decoder = ouster.createDecoder({ metadata: await readJson(metadata) });
  const packets = await packetsOf(capture);
  return [
    ...packets.map(({ payload, time }) => decoder.push(payload, time)),
    decoder.end(),
  ].filter((scan) => scan !== undefined);
}
