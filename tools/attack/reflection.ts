/** Offers that have the server send to somebody else. */
import { setTimeout as delay } from "node:timers/promises";
import { type Attack, SESSION_MIB, SLACK_MIB } from "./attack.ts";
import { Requests } from "./http.ts";
import { candidate, deadOffer } from "./offers.ts";

/** Who is sent to: it never answers. */
const VICTIM = "127.0.0.2";
/** Its ports: an offer may have so many candidates. */
const PORTS = 256;
/** How long checks of a peer that is nowhere may go on, seconds. */
const CHECKING_S = 12;

/** One who counts what it gets. */
class Victim implements AsyncDisposable {
  bytes = 0;
  readonly #sockets = Array.from(
    { length: PORTS },
    () => Deno.listenDatagram({ transport: "udp", hostname: VICTIM, port: 0 }),
  );
  readonly #receiving = this.#sockets.map((socket) => this.#receive(socket));

  get ports(): number[] {
    return this.#sockets.map(({ addr }) => (addr as Deno.NetAddr).port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    await Promise.all(this.#receiving);
  }

  async #receive(socket: Deno.DatagramConn): Promise<void> {
    for await (const [datagram] of socket) this.bytes += datagram.length;
  }
}

function reflection(name: string, about: string, offers: number): Attack {
  return {
    name,
    about,
    budget: SLACK_MIB + offers * SESSION_MIB,
    async run(context) {
      await using victim = new Victim();
      const lines = victim.ports.map((port) => candidate(VICTIM, port));
      const requests = new Requests(context);
      await Promise.all(Array.from({ length: offers }, async () => {
        requests.check(await requests.offer(deadOffer({ lines })), "An offer");
      }));
      await delay(1000 * Math.max(context.seconds, CHECKING_S));
      return { ...requests.sent, reflected: victim.bytes };
    },
  };
}

export const REFLECTION_ATTACKS: readonly Attack[] = [
  reflection(
    "reflection",
    "an offer with 256 candidates of one who doesn't answer",
    1,
  ),
  reflection("reflection-many", "40 such offers at once", 40),
];
