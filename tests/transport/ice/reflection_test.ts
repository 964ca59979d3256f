import { assert, assertEquals } from "@std/assert";
import { checkPace } from "../../../lib/transport/ice/reflection.ts";
import { until } from "../../support.ts";
import { answerOf, connectPair, makePeer, offerOf, peerTest } from "../pair.ts";
import { bindingRequest, ICE_CONTROLLING } from "./stun.ts";

/** An offer with candidates in place of its own. */
async function offerWith(candidates: string[]): Promise<string> {
  await using maker = await makePeer();
  maker.peer.createDataChannel("data");
  const lines = (await offerOf(maker.peer)).trimEnd().split("\r\n")
    .filter((line) => !/^a=(candidate|end-of-candidates)/.test(line));
  return [...lines, ...candidates, ""].join("\r\n");
}

Deno.test("Checks after the first ones are begun 50 ms apart", () => {
  let now = 1000;
  const mayBegin = checkPace(() => now);
  assertEquals(Array.from({ length: 6 }, mayBegin).filter(Boolean).length, 5);
  for (let i = 0; i < 3; i++) {
    now += 49;
    assert(!mayBegin());
    now += 1;
    assert(mayBegin() && !mayBegin());
  }
});

peerTest("The hundred pairs of the highest priority are checked", async () => {
  await using answerer = await makePeer();
  // The discard port: nobody answers.
  const priorities = Array.from({ length: 256 }, (_, i) => 1000 + i * 37 % 256);
  const offer = await offerWith(
    priorities.map((priority, i) =>
      `a=candidate:${i} 1 udp ${priority} 127.0.0.1 ${20_000 + i} typ host`
    ),
  );
  await answerOf(answerer.peer, offer);
  const { connection } = answerer.peer.iceTransports[0];
  const checked = connection.candidatePairs
    .map(({ remoteCandidate }) => remoteCandidate.priority);
  assertEquals(checked.length, 100);
  const protocols = new Set(
    connection.candidatePairs.map(({ protocol }) => protocol),
  );
  const lowest = priorities.toSorted((a, b) => b - a)
    .slice(0, Math.ceil(100 / protocols.size)).at(-1)!;
  assert(checked.every((priority) => priority >= lowest));
});

peerTest("Of the checks that came werift keeps few ids", async () => {
  await using pair = await connectPair();
  const [left, right] = [pair.left, pair.right]
    .map((peer) => peer.iceTransports[0].connection);
  const { localUsername, localPassword, remoteUsername } = right;
  const username = `${localUsername}:${remoteUsername}`;
  const { protocol, remoteAddr } = left.nominated!;
  const checks = () =>
    right.candidatePairs.reduce((sum, each) => sum + each.requestsReceived, 0);
  let came = checks();
  let most = 0;
  for (let i = 0; i < 30; i++) {
    for (let j = 0; j < 40; j++) {
      const request = bindingRequest(username, localPassword, ICE_CONTROLLING);
      await protocol.sendData(request, remoteAddr);
    }
    came += 40;
    await until(() => checks() >= came, { what: "checks that came" });
    most = Math.max(most, ...right.candidatePairs.map(idsOf));
  }
  assert(most > 100 && most <= 1000, `${most} ids of ${came} checks`);
});

function idsOf(pair: object): number {
  return (pair as { requestTransactionIds: Set<string> })
    .requestTransactionIds.size;
}
