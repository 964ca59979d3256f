import { assertEquals, assertThrows } from "@std/assert";
import { NutError, type NutPacket, NutReader } from "../../lib/media/nut.ts";
import { testWith } from "../support.ts";

interface Described {
  stream: number;
  seconds: number;
  bytes: number;
  key: boolean;
}

const LIMITS = { packetBytes: 1_000_000 };

async function run(
  program: string,
  args: string[],
  input?: Uint8Array,
): Promise<Uint8Array> {
  const child = new Deno.Command(program, {
    args: ["-v", "error", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writing = new Blob(input ? [input.slice()] : []).stream()
    .pipeTo(child.stdin).catch(() => {});
  const { success, stdout, stderr } = await child.output();
  await writing;
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return stdout;
}

/** Pictures and sound as ffmpeg writes them to a pipe. */
function nutOf(...video: string[]): Promise<Uint8Array> {
  return run("ffmpeg", [
    ...["-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=3"],
    ...["-f", "lavfi", "-i", "sine=d=3", "-pix_fmt", "yuv420p", ...video],
    ...["-c:a", "libopus", "-output_ts_offset", "1", "-f", "nut", "pipe:1"],
  ]);
}

/** What ffmpeg's own reader finds. */
async function probe(nut: Uint8Array): Promise<Described[]> {
  const entries = "packet=stream_index,pts_time,size,flags";
  const json = await run(
    "ffprobe",
    ["-show_entries", entries, "-of", "json", "pipe:0"],
    nut,
  );
  const { packets } = JSON.parse(new TextDecoder().decode(json));
  return packets.map((
    packet: Record<string, string> & { stream_index: number },
  ) => ({
    stream: packet.stream_index,
    seconds: Number(packet.pts_time),
    bytes: Number(packet.size),
    key: packet.flags.startsWith("K"),
  }));
}

function describe({ stream, seconds, key, parts }: NutPacket): Described {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  return { stream, seconds: Number(seconds.toFixed(6)), bytes, key };
}

function read(nut: Uint8Array, pieceBytes: number, limits = LIMITS) {
  const reader = new NutReader(limits);
  const packets: NutPacket[] = [];
  for (let at = 0; at < nut.length; at += pieceBytes) {
    packets.push(...reader.push(nut.slice(at, at + pieceBytes)));
  }
  return packets;
}

testWith(["ffmpeg"], "NutReader reads what ffprobe reads", async () => {
  const kinds = {
    raw: ["-c:v", "rawvideo"],
    H264: ["-c:v", "libx264", "-tune", "zerolatency", "-g", "20"],
    VP8: ["-c:v", "libvpx", "-deadline", "realtime", "-g", "20"],
  };
  for (const [name, args] of Object.entries(kinds)) {
    const nut = await nutOf(...args);
    const packets = read(nut, 60_000);
    assertEquals(packets.map(describe), await probe(nut), name);
    const { size } = packets.find(({ stream }) => stream === 0)!;
    assertEquals(size, { width: 320, height: 180 });
  }
});

testWith(["ffmpeg"], "NutReader reads the bytes in any pieces", async () => {
  const nut = await nutOf("-c:v", "libx264", "-tune", "zerolatency");
  const whole = await joined(read(nut, nut.length));
  for (const pieceBytes of [1, 13, 1000, 4096]) {
    assertEquals(await joined(read(nut, pieceBytes)), whole);
  }
});

async function joined(packets: NutPacket[]): Promise<Uint8Array> {
  const parts = packets.flatMap(({ parts }) => parts.map((p) => p.slice()));
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

testWith(["ffmpeg"], "NutReader gives the pictures that went in", async () => {
  const raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1"];
  const source = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=3"];
  const pixels = await run("ffmpeg", [...source, ...raw]);
  const packets = read(await nutOf("-c:v", "rawvideo"), 60_000);
  const video = packets.filter(({ stream }) => stream === 0);
  assertEquals(await joined(video), pixels);
});

testWith(["ffmpeg"], "NutReader takes no packet over its limit", async () => {
  const nut = await nutOf("-c:v", "rawvideo");
  const limits = { packetBytes: 320 * 180 };
  assertThrows(
    () => read(nut, 60_000, limits),
    NutError,
    "a packet of 86400 bytes",
  );
});

Deno.test("NutReader says what is no NUT", () => {
  const other = new TextEncoder().encode("RIFF, or anything else that is long");
  assertThrows(() => read(other, 10), NutError, "this is no NUT stream");
  const id = new TextEncoder().encode("nut/multimedia container\0");
  const frame = Uint8Array.of(...id, 7, ...new Uint8Array(200));
  assertThrows(() => read(frame, 10), NutError, "before its header");
});
