/** Associations as a model plays them, and as nobody should. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createLogger } from "../../lib/log.ts";
import {
  Inbound,
  RECEIVE_WINDOW_BYTES,
} from "../../lib/transport/sctp/inbound.ts";
import { attack, Bystander, catchUncaught } from "./attack.ts";
import { tryAll } from "./fuzz.ts";
import { ModelAssociation } from "./sctp_association.ts";
import { MISTAKE } from "./problems.ts";
import { connectStrange, dataPackets, sctpAttacker } from "./sctp_attackers.ts";
import { anyPacket } from "./sctp_chunks.ts";
import {
  anyCourse,
  anyStretch,
  type Course,
  ModelSender,
  STREAMS,
} from "./sctp_model.ts";
import { fuzzSettings, fuzzTest } from "./settings.ts";

fuzzTest([], "messages of a model of an association", async () => {
  const options = { name: "sctp model", from: anyCourse, inEach: 15 };
  await tryAll(options, playInbound);
});

fuzzTest([], "a real association with one of a model", async () => {
  let association: ModelAssociation | undefined;
  const from = fc.array(anyStretch, { minLength: 1, maxLength: 4 });
  const options = { name: "sctp association", from, inEach: 60 };
  try {
    await tryAll(options, async (stretches) => {
      association ??= await ModelAssociation.connect();
      try {
        for (const stretch of stretches) await association.play(stretch);
      } catch (error) {
        // The next try is to find one as new.
        await association[Symbol.asyncDispose]();
        association = undefined;
        throw error;
      }
    });
  } finally {
    await association?.[Symbol.asyncDispose]();
  }
}, { sanitizeOps: false, sanitizeResources: false });

fuzzTest([], "SCTP packets of a peer", async () => {
  const { LocalHost } = await import("../../lib/hosting/local_host.ts");
  const refused: string[] = [];
  const log = createLogger({
    write: (line) => line.includes("refused") && refused.push(line),
  });
  await using host = new LocalHost({ log });
  const corpus = dataPackets();
  const connect = () => sctpAttacker(host, corpus);
  // The first one's own packets become part of it.
  await (await connect())[Symbol.asyncDispose]();
  await attack({ name: "sctp", corpus, host, connect });
  const isReplay = fuzzSettings().replay !== undefined;
  assert(
    refused.length > 0 || isReplay,
    "none got as far as the association",
  );
}, { sanitizeOps: false, sanitizeResources: false });

fuzzTest([], "SCTP packets that no peer sends", async () => {
  const { LocalHost } = await import("../../lib/hosting/local_host.ts");
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  await using host = new LocalHost({ log });
  await using bystander = await Bystander.connect(host);
  using uncaught = catchUncaught();
  const from = fc.array(anyPacket, {
    ...{ minLength: 1, maxLength: 40, size: "max" },
  });
  const options = { name: "sctp strange", from, inEach: 20 };
  await tryAll(options, async (packets) => {
    lines.length = 0;
    await using attacker = await connectStrange(host);
    for (const packet of packets) {
      if (!attacker.isAlive()) break;
      await attacker.send(packet);
    }
    await bystander.publish();
    if (uncaught.errors.length > 0) throw uncaught.errors.splice(0)[0];
    assertEquals(lines.filter((line) => MISTAKE.test(line)), []);
  });
}, { sanitizeOps: false, sanitizeResources: false });

/** Has the receiving side take a course; nothing is held at its end. */
function playInbound({ initialTsn, skipped, stretches }: Course): void {
  const came = new Map<number, Uint8Array[]>();
  const inbound = new Inbound(initialTsn, ({ streamId, data }) => {
    const messages = came.get(streamId) ?? [];
    came.set(streamId, [...messages, data]);
  });
  const sender = new ModelSender(initialTsn);
  const take = (arrivals: ReturnType<ModelSender["play"]>) => {
    for (const arrival of arrivals) {
      if (!Array.isArray(arrival)) {
        inbound.forward(arrival.tsn, arrival.streams);
      } else {
        // What is taken is kept, and may be changed.
        for (const chunk of arrival) inbound.data({ ...chunk });
      }
      inbound.endPacket(0);
      assertSound(inbound.takeSack(256));
    }
  };
  take(sender.skip(skipped));
  for (const stretch of stretches) {
    take(sender.play(stretch));
    const { cumulativeTsn, gaps, window } = inbound.takeSack(256);
    assertEquals([cumulativeTsn, gaps], [sender.lastTsn, []]);
    assertEquals(window, RECEIVE_WINDOW_BYTES, "something is held");
    for (const stream of STREAMS) {
      sender.assertCame(stream, came.get(stream) ?? []);
      came.delete(stream);
    }
    if (stretch.reset === undefined) continue;
    sender.reset(stretch.reset);
    inbound.resetStream(stretch.reset);
  }
}

function assertSound({ gaps, window }: ReturnType<Inbound["takeSack"]>): void {
  let last = 0;
  for (const [from, to] of gaps) {
    // A gap lies between two blocks.
    assert(from > last + 1 && to >= from && to <= 0xffff, JSON.stringify(gaps));
    last = to;
  }
  assert(window >= 0);
}
