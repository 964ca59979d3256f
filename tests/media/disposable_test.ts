import { assert, assertEquals } from "@std/assert";
import { beginsDisposable } from "../../lib/media/disposable.ts";
import { isVp8Disposable } from "../../lib/media/vp8_reference.ts";
import { testWith } from "../support.ts";

/** VP8 in two temporal layers: each second frame is of the upper one. */
const LAYERS = "ts_number_layers=2:ts_target_bitrate=300,500:" +
  "ts_rate_decimator=2,1:ts_periodicity=2:ts_layer_id=0,1:ts_layering_mode=2";

testWith(
  ["ffmpeg"],
  "isVp8Disposable() finds the upper layer, and nothing lacks it",
  async () => {
    const layered = framesOf(await encode(["-ts-parameters", LAYERS]));
    assertEquals(layered.length, 60);
    const disposable = layered.map((frame) => isVp8Disposable(frame));
    // Keyframes are at 0 and 30.
    assertEquals(disposable, layered.map((_, i) => i % 2 === 1));

    const all = await decodedHashes(layered);
    const kept = await decodedHashes(layered.filter((_, i) => !disposable[i]));
    assertEquals(kept, all.filter((_, i) => !disposable[i]));
  },
);

testWith(
  ["ffmpeg"],
  "isVp8Disposable() leaves a stream without layers alone",
  async () => {
    const frames = framesOf(await encode([]));
    assertEquals(frames.length, 60);
    assert(frames.every((frame) => !isVp8Disposable(frame)));
  },
);

Deno.test("isVp8Disposable() reads no more than there is", () => {
  const frame = Uint8Array.from({ length: 40 }, (_, i) => 1 + 37 * i);
  for (let length = 0; length < frame.length; length++) {
    isVp8Disposable(frame.subarray(0, length));
  }
  assertEquals(isVp8Disposable(Uint8Array.of(1, 0, 0, 0)), false);
});

Deno.test("beginsDisposable() tells by VP8's N bit, and by NRI of H.264", () => {
  const vp8 = (descriptor: number[]) =>
    Uint8Array.of(...descriptor, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff);
  assert(beginsDisposable("VP8", vp8([0x30])));
  // In the middle of a frame, and of a stream that numbers its pictures.
  assert(!beginsDisposable("VP8", vp8([0x20])));
  assert(!beginsDisposable("VP8", vp8([0xb0, 0x80, 5])));

  const slice = 0x01;
  const idr = 0x65;
  assert(beginsDisposable("H264", Uint8Array.of(slice, 0x9a, 1)));
  assert(!beginsDisposable("H264", Uint8Array.of(0x41, 0x9a, 1)));
  assert(!beginsDisposable("H264", Uint8Array.of(idr, 0x88, 1)));
  // FU-A that begins a slice of NRI 0, and one that goes on.
  assert(beginsDisposable("H264", Uint8Array.of(0x1c, 0x81, 0x9a)));
  assert(!beginsDisposable("H264", Uint8Array.of(0x1c, 0x01, 0x9a)));
  assert(!beginsDisposable("opus", Uint8Array.of(0xfc)));
  for (const codec of ["VP8", "H264", "opus"] as const) {
    assert(!beginsDisposable(codec, new Uint8Array(0)));
  }
});

/** Two seconds of a camera-like picture, as IVF. */
async function encode(options: string[]): Promise<Uint8Array> {
  const { stdout } = await run([
    ...["-f", "lavfi", "-i"],
    "testsrc2=size=320x240:rate=30,noise=alls=12:allf=t",
    ...["-t", "2", "-c:v", "libvpx", "-threads", "1", "-deadline", "realtime"],
    ...["-cpu-used", "8", "-lag-in-frames", "0", "-auto-alt-ref", "0"],
    ...["-error-resilient", "1", "-b:v", "500k", "-g", "30", ...options],
    ...["-f", "ivf", "-"],
  ]);
  return stdout;
}

const FILE_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 12;

function framesOf(ivf: Uint8Array): Uint8Array[] {
  const view = new DataView(ivf.buffer, ivf.byteOffset, ivf.length);
  const frames: Uint8Array[] = [];
  for (let at = FILE_HEADER_BYTES; at < ivf.length;) {
    const start = at + FRAME_HEADER_BYTES;
    const end = start + view.getUint32(at, true);
    frames.push(ivf.subarray(start, end));
    at = end;
  }
  return frames;
}

/** What ffmpeg decodes, a hash a frame. */
async function decodedHashes(frames: Uint8Array[]): Promise<string[]> {
  const header = new Uint8Array(FILE_HEADER_BYTES);
  header.set(new TextEncoder().encode("DKIF"));
  const view = new DataView(header.buffer);
  view.setUint16(6, FILE_HEADER_BYTES, true);
  header.set(new TextEncoder().encode("VP80"), 8);
  view.setUint16(12, 320, true);
  view.setUint16(14, 240, true);
  view.setUint32(16, 30, true);
  view.setUint32(20, 1, true);
  const parts: Uint8Array[] = [header];
  frames.forEach((frame, i) => {
    const frameHeader = new Uint8Array(FRAME_HEADER_BYTES);
    const frameView = new DataView(frameHeader.buffer);
    frameView.setUint32(0, frame.length, true);
    frameView.setUint32(4, i, true);
    parts.push(frameHeader, frame);
  });
  const file = await Deno.makeTempFile({ suffix: ".ivf" });
  try {
    await Deno.writeFile(file, await bytesOf(parts));
    const { stdout } = await run(["-i", file, "-f", "framemd5", "-"]);
    return new TextDecoder().decode(stdout).split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.split(",").at(-1)!.trim());
  } finally {
    await Deno.remove(file);
  }
}

async function bytesOf(parts: Uint8Array[]): Promise<Uint8Array> {
  return new Uint8Array(
    await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer(),
  );
}

async function run(args: string[]): Promise<{ stdout: Uint8Array }> {
  const { stdout, stderr, success } = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-nostdin", ...args],
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return { stdout };
}
