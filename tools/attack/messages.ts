/** Messages over SCTP that make a server hold more than it was sent. */
import { setTimeout as delay } from "node:timers/promises";
import { DATA_FLAG } from "../../lib/transport/sctp/packet.ts";
import { type Attack, HELD_MIB } from "./attack.ts";
import {
  type Act,
  LARGE,
  messageAttack,
  ONE_BYTE,
  PROTOCOL,
  WHOLE,
} from "./message_attack.ts";

/** Channels that a watcher may open, but for one. */
const MANY_CHANNELS = 99;

/** One-byte fragments of a message that has no end. */
const crumbs: Act = (peer, turn) =>
  peer.send({
    flags: turn === 0 ? DATA_FLAG.beginning : 0,
    streamId: peer.streams[0],
    streamSequence: 0,
    protocol: PROTOCOL.binary,
    userData: ONE_BYTE,
  });

/** Whole one-byte messages of many streams, of each all but the first. */
const waiting: Act = (peer, turn) =>
  peer.send({
    flags: WHOLE,
    streamId: 1_000 + (turn >> 10),
    streamSequence: 1 + (turn & 1023),
    protocol: PROTOCOL.binary,
    userData: ONE_BYTE,
  });

/** The same text message, again and again. */
function textsOf(text: string): () => Act {
  const userData = new TextEncoder().encode(text);
  return () => (peer, turn) =>
    peer.send({
      flags: WHOLE,
      streamId: peer.streams[0],
      streamSequence: turn + 1 & 0xffff,
      protocol: PROTOCOL.text,
      userData,
    });
}

export const MESSAGE_ATTACKS: readonly Attack[] = [
  messageAttack({
    name: "crumbs",
    holds: HELD_MIB,
    about: "one-byte fragments of a message that has no end",
    act: () => crumbs,
  }),
  messageAttack({
    name: "crumbs-watcher",
    holds: HELD_MIB,
    about: "the same by one who may only watch",
    role: "watcher",
    act: () => crumbs,
  }),
  messageAttack({
    name: "pinned-packets",
    holds: HELD_MIB,
    about: "one-byte fragments, each in a large packet of no further use",
    act: (peer) => {
      const known = peer.nextTsn;
      return async (peer, turn) => {
        const { streams: [streamId] } = peer;
        const chunk = {
          streamId,
          streamSequence: 0,
          protocol: PROTOCOL.binary,
        };
        const flags = turn === 0 ? DATA_FLAG.beginning : 0;
        await peer.send({ ...chunk, flags, userData: ONE_BYTE });
        // It came before: nothing of it is kept.
        await peer.send({ ...chunk, flags: 0, userData: LARGE, tsn: known });
        await peer.flush();
      };
    },
  }),
  messageAttack({
    name: "waiting-messages",
    holds: HELD_MIB,
    about: "one-byte messages that wait for the first of their stream",
    act: () => waiting,
  }),
  messageAttack({
    name: "waiting-watcher",
    holds: HELD_MIB,
    about: "the same by one who may only watch",
    role: "watcher",
    act: () => waiting,
  }),
  messageAttack({
    name: "withheld-packet",
    holds: HELD_MIB,
    about: "one-byte fragments behind a TSN that never comes",
    act: (peer) => {
      peer.skip(1);
      return (peer) =>
        peer.sendOnce({
          flags: 0,
          streamId: peer.streams[0],
          streamSequence: 0,
          protocol: PROTOCOL.binary,
          userData: ONE_BYTE,
        });
    },
  }),
  messageAttack({
    name: "unfinished-messages",
    holds: HELD_MIB,
    about: "a large message that has no end on each of 100 channels",
    channels: 100,
    act: () => (peer, turn) => {
      const { streams } = peer;
      return peer.send({
        // Fragments of others lie between: none can be joined.
        flags: turn < streams.length ? DATA_FLAG.beginning : 0,
        streamId: streams[turn % streams.length],
        streamSequence: 1,
        protocol: PROTOCOL.binary,
        userData: LARGE,
      });
    },
  }),
  messageAttack({
    name: "tiny-messages",
    holds: 0,
    about: "text messages of a few bytes, as fast as they go",
    act: textsOf('{"type":"probe"}'),
  }),
  messageAttack({
    name: "tiny-messages-watcher",
    holds: 0,
    about: "the same by one who may only watch",
    role: "watcher",
    act: textsOf("x"),
  }),
  messageAttack({
    name: "zero-window",
    holds: HELD_MIB,
    about: "four watchers with 99 channels each, who take no more",
    role: "watcher",
    channels: MANY_CHANNELS,
    peers: 4,
    act: (peer) => {
      peer.stopTaking();
      return () => delay(100);
    },
  }),
];
