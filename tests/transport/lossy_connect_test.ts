/** Connections open whatever becomes of a datagram of their handshake. */
import { connectPair, peerTest, tamperWithDatagrams } from "./pair.ts";

const APPLICATION_DATA = 23;

function isHandshake([first]: Uint8Array): boolean {
  return first >= 20 && first < 64 && first !== APPLICATION_DATA;
}

function isSctp([first]: Uint8Array): boolean {
  return first === APPLICATION_DATA;
}

/** Connects while the datagram that is `lost`th of its kind doesn't arrive. */
async function connectWithout(
  isOfKind: (datagram: Uint8Array) => boolean,
  lost: number,
): Promise<void> {
  let count = 0;
  using _tampering = tamperWithDatagrams((datagram, pass) => {
    if (!isOfKind(datagram) || count++ !== lost) pass();
  });
  await using _pair = await connectPair();
}

// Client hello twice, hello verify request, and a flight of each side;
// Finished.
for (let lost = 0; lost < 7; lost++) {
  peerTest(
    `A lost datagram of the DTLS handshake is made up for (${lost})`,
    () => connectWithout(isHandshake, lost),
  );
}

// INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, DATA CHANNEL OPEN and its ACK.
for (let lost = 0; lost < 6; lost++) {
  peerTest(
    `A lost datagram of SCTP's set-up is made up for (${lost})`,
    () => connectWithout(isSctp, lost),
  );
}

peerTest("A handshake survives that every datagram comes twice", async () => {
  using _tampering = tamperWithDatagrams((_, pass) => {
    pass();
    pass();
  });
  await using _pair = await connectPair();
});

peerTest(
  "A handshake survives datagrams that come again much later",
  async () => {
    const later: (() => void)[] = [];
    using _tampering = tamperWithDatagrams((datagram, pass) => {
      pass();
      if (isHandshake(datagram)) later.push(pass);
    });
    await using pair = await connectPair();
    for (const pass of later) pass();
    const received = new Promise<void>((resolve) =>
      pair.remote.onMessage.subscribe(() => resolve())
    );
    pair.channel.send("still here");
    await received;
  },
);

peerTest(
  "A handshake survives that datagrams overtake each other",
  async () => {
    let count = 0;
    const timers = new Set<ReturnType<typeof setTimeout>>();
    using _tampering = tamperWithDatagrams((datagram, pass) => {
      if (datagram[0] < 20) return pass();
      // Each second one is overtaken by the next three.
      const wait = count++ % 2 === 0 ? 60 : 0;
      const timer = setTimeout(() => {
        timers.delete(timer);
        pass();
      }, wait);
      timers.add(timer);
    });
    {
      await using _pair = await connectPair();
    }
    for (const timer of timers) clearTimeout(timer);
  },
);
