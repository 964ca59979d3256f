/** Frames of points that make a server hold or decode more than it was sent. */
import { setTimeout as delay } from "node:timers/promises";
import { pointCloud } from "../../lib/points/cloud.ts";
import { createEncoder } from "../../lib/points/codecs.ts";
import { zstdCompress } from "../../lib/points/zstd/zstd.ts";
import { DATA_FLAG } from "../../lib/transport/sctp/packet.ts";
import {
  FRAME_HEADER_BYTES,
  splitFrame,
  writeChunkHeader,
} from "../../lib/wire/frame.ts";
import { type Attack, FRAME_MIB, HELD_MIB } from "./attack.ts";
import {
  type Act,
  LARGE,
  messageAttack,
  PROTOCOL,
  WHOLE,
} from "./message_attack.ts";

const { beginning, ending } = DATA_FLAG;
/** Points of the largest cloud of the original's dialect that is taken. */
const MOST_POINTS = 4 * 1024 * 1024;
/** Chunks of a frame, but for the last. */
const MOST_CHUNKS = 65_534;
/** What a bomb becomes, bytes. */
const BOMB_BYTES = 60 * 1024 * 1024;
/** What a frame of zstd begins with (RFC 8878 section 3.1.1). */
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** Time between two looks at what is complete, milliseconds. */
const DONE_MS = 500;

/** Messages of a frame that never is whole, on all channels in turn. */
function unfinishedFrames(bytes: number): () => Act {
  return () => {
    const message = new Uint8Array(FRAME_HEADER_BYTES + bytes);
    return (peer, turn) => {
      const { streams } = peer;
      const chunk = Math.floor(turn / streams.length);
      // A frame of which 65,534 parts came can't have more.
      if (chunk >= MOST_CHUNKS) return delay(DONE_MS);
      writeChunkHeader(message, {
        ...{ number: 0, codec: "f32", points: 1, captureTime: 1 },
        ...{ chunk, chunks: MOST_CHUNKS + 1 },
      });
      return peer.send({
        flags: WHOLE,
        streamId: streams[turn % streams.length],
        // Control messages went before.
        streamSequence: 1 + chunk,
        protocol: PROTOCOL.binary,
        userData: message.slice(),
      });
    };
  };
}

/** A cloud of cloudini whose content becomes 60 MiB. */
function zstdBomb(): Uint8Array {
  const cloud = pointCloud(new Float32Array(3_000));
  const bytes = createEncoder("cloudini").encode(cloud).bytes;
  const at = bytes.findIndex((_, i) =>
    ZSTD_MAGIC.every((byte, k) => bytes[i + k] === byte)
  );
  const content = zstdCompress(new Uint8Array(BOMB_BYTES), 3);
  const bomb = new Uint8Array(at + content.length);
  bomb.set(bytes.subarray(0, at));
  bomb.set(content, at);
  // Each part of a cloud has its length before it.
  new DataView(bomb.buffer).setUint32(at - 4, content.length, true);
  return bomb;
}

export const FRAME_ATTACKS: readonly Attack[] = [
  messageAttack({
    name: "unfinished-frames",
    holds: HELD_MIB,
    about: "a frame that never is whole on each of 20 channels",
    channels: 20,
    act: unfinishedFrames(LARGE.length),
  }),
  messageAttack({
    name: "unfinished-frames-100",
    holds: HELD_MIB,
    about: "the same on 100 channels",
    channels: 100,
    act: unfinishedFrames(LARGE.length),
  }),
  messageAttack({
    name: "frame-crumbs",
    holds: HELD_MIB,
    about: "frames that never are whole, a byte a message, on 20 channels",
    channels: 20,
    act: unfinishedFrames(1),
  }),
  messageAttack({
    name: "original-huge",
    holds: HELD_MIB + 2 * FRAME_MIB,
    about: "clouds of 48 MiB in one message, in the original's dialect",
    protocol: "",
    act: () => {
      const bytes = MOST_POINTS * 12;
      let at = 0;
      let streamSequence = 1;
      return async (peer) => {
        const userData = LARGE.subarray(0, Math.min(LARGE.length, bytes - at));
        const begins = at === 0;
        at += userData.length;
        const ends = at === bytes;
        await peer.send({
          flags: (begins ? beginning : 0) | (ends ? ending : 0),
          streamId: peer.streams[0],
          streamSequence,
          protocol: PROTOCOL.binary,
          userData,
        });
        if (!ends) return;
        at = 0;
        streamSequence++;
      };
    },
  }),
  messageAttack({
    name: "zstd-bomb",
    about: "frames of a few KB that become 60 MiB, to be decoded by the server",
    holds: 2 * FRAME_MIB,
    act: () => {
      const bomb = zstdBomb();
      const encoder = new TextEncoder();
      let streamSequence = 1;
      const send = (protocol: number, userData: Uint8Array): Act => (peer) =>
        peer.send({
          ...{ flags: WHOLE, streamId: peer.streams[0], protocol, userData },
          streamSequence: streamSequence++ & 0xffff,
        });
      return (peer, number) => {
        if (number === 0) {
          const verify = encoder.encode('{"type":"verify"}');
          return send(PROTOCOL.text, verify)(peer, number);
        }
        const info = { number, points: 1_000, captureTime: 1 };
        const [message] = splitFrame(
          bomb,
          { ...info, codec: "cloudini" },
          FRAME_HEADER_BYTES + bomb.length,
        );
        return send(PROTOCOL.binary, message)(peer, number);
      };
    },
  }),
];
