import {
  type RelayProcess,
  startLoneRelay,
} from "../../impair/relay_process.ts";
import { receiveBufferErrors } from "./buffers.ts";
import type { Condition, Entry, FlowSpec } from "./conditions.ts";
import { type PeerMessage, PeerProcess } from "./peer_process.ts";

/** The figures of one run of an entry. */
export interface EntryResult {
  /** MB/s of user data, all flows together. */
  rate: number;
  /** Percent of each flow after the first seconds. */
  shares: number[];
  /** Bytes on the wire for each byte of user data; none without a relay. */
  wireRatio?: number;
  /**
   * Percent of the bytes that were sent again, where the sender counts them.
   */
  retransmitted?: number;
  /** Datagrams dropped by the kernel at a full receive buffer. */
  kernelDrops: number;
  /** Percent of packets dropped by the bottleneck's queue. */
  queueDropped: number;
  /**
   * Milliseconds from the channel's opening until each of the marks had come,
   * of a single flow whose peers tell.
   */
  marksMs?: number[];
  /** CPU seconds for each GB of user data. */
  cpuSending: number;
  cpuReceiving: number;
}

/** Seconds at the start that don't count for shares. */
const SETTLING_SECONDS = 3;

/** Runs the flows of an entry at the same time. */
export async function runEntry(
  condition: Pick<Condition, "relay">,
  entry: Entry,
  seconds: number,
): Promise<EntryResult> {
  const before = receiveBufferErrors();
  await using relay = condition.relay && await startLoneRelay(condition.relay);
  const flows = await Promise.all(
    entry.flows.map((flow) => runFlow(flow, seconds, relay || undefined)),
  );
  const kernelDrops = receiveBufferErrors() - before;
  const counters = relay && await relay.counters();
  const received = flows.map(({ receiver }) => receiver.received!);
  const bytes = sum(received.map((each) => each.bytes));
  const later = received.map(({ perSecond }) =>
    sum(perSecond.slice(SETTLING_SECONDS))
  );
  const sent = sum(flows.map(({ sender }) => sender.bytesSent ?? 0));
  const again = sum(flows.map(({ sender }) => sender.bytesRetransmitted ?? 0));
  const gigabytes = bytes / 1e9;
  return {
    rate: bytes / seconds / 1e6,
    shares: later.map((each) => 100 * each / sum(later)),
    wireRatio: counters && counters.toAnswerer.bytesReceived / bytes,
    retransmitted: sent > 0 ? 100 * again / sent : undefined,
    kernelDrops,
    queueDropped: counters
      ? 100 * counters.toAnswerer.queueDropped / counters.toAnswerer.received
      : 0,
    marksMs: flows.length === 1 ? marksMsOf(flows[0]) : undefined,
    cpuSending: sum(flows.map(({ sender }) => sender.cpu!)) / gigabytes,
    cpuReceiving: sum(received.map(({ cpu }) => cpu)) / gigabytes,
  };
}

/** The last messages of both sides of a flow. */
interface FlowResult {
  sender: PeerMessage;
  receiver: PeerMessage;
}

function marksMsOf({ sender, receiver }: FlowResult): number[] | undefined {
  const { openedAt } = sender;
  if (openedAt === undefined) return undefined;
  return receiver.received!.marks?.map((at) => at - openedAt);
}

async function runFlow(
  { from, to }: FlowSpec,
  seconds: number,
  relay: RelayProcess | undefined,
): Promise<FlowResult> {
  const isOurs = from.startsWith("ours") && to.startsWith("ours");
  const same = relay === undefined && isOurs ? ["same-host"] : [];
  await using sender = new PeerProcess(from, ["send", `${seconds}`, ...same]);
  await using receiver = new PeerProcess(to, ["receive", `${seconds}`]);
  const { sdp: offer } = await sender.hear();
  const passed = relay && await relay.post("/pairs", { sdp: offer });
  await receiver.tell({ type: "offer", sdp: passed?.sdp ?? offer });
  const { sdp } = await receiver.hear();
  const back = relay && await relay.post(`/pairs/${passed!.pair}`, { sdp });
  await sender.tell({ type: "answer", sdp: back?.sdp ?? sdp });
  const [done, received] = await Promise.all([
    sender.hear(seconds * 1000),
    receiver.hear(seconds * 1000),
  ]);
  return { sender: done, receiver: received };
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
