import { assert, assertEquals, assertRejects } from "@std/assert";
import { smallDisk, testWith, until } from "../support.ts";
import type { MediaFrame } from "../../lib/media/frame.ts";
import { RecordingError } from "../../lib/recording/errors.ts";
import { createFrameWriter } from "../../lib/recording/frame_writer.ts";

/** A path without extension in a directory of its own. */
async function temporaryPath() {
  const directory = await Deno.makeTempDir();
  return {
    path: `${directory}/track`,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

function video(
  timestamp: number,
  keyframe: boolean,
  ...data: number[]
): MediaFrame {
  return {
    kind: "video",
    codec: "VP8",
    timestamp,
    data: Uint8Array.from(data),
    keyframe,
    width: 320,
    height: 240,
    discontinuity: false,
  };
}

function audio(timestamp: number, ...data: number[]): MediaFrame {
  return {
    kind: "audio",
    codec: "opus",
    timestamp,
    data: Uint8Array.from(data),
    keyframe: true,
    discontinuity: false,
  };
}

/** The frames of an IVF file: timestamp, then data. */
function ivfFrames(file: Uint8Array): number[][] {
  const view = new DataView(file.buffer);
  const frames: number[][] = [];
  for (let at = 32; at < file.length;) {
    const start = at + 12;
    const end = start + view.getUint32(at, true);
    const timestamp = Number(view.getBigUint64(at + 4, true));
    frames.push([timestamp, ...file.subarray(start, end)]);
    at = end;
  }
  return frames;
}

/** The granule position and packet count of an Ogg file's last page. */
function lastPage(file: Uint8Array) {
  const text = new TextDecoder("latin1").decode(file);
  const view = new DataView(file.buffer, text.lastIndexOf("OggS"));
  return [Number(view.getBigUint64(6, true)), view.getUint8(26)];
}

testWith(
  [],
  "createFrameWriter() writes VP8 from the first keyframe on, with timestamps that wrap",
  async () => {
    await using temporary = await temporaryPath();
    const writer = createFrameWriter(temporary.path, "VP8");
    assertEquals(writer.path, `${temporary.path}.ivf`);
    const start = 2 ** 32 - 4000;
    writer.write(video(start - 3000, false, 1));
    writer.write(video(start, true, 2, 2));
    writer.write(video(start + 3000, false, 3));
    writer.write(video(2000, false, 4));
    await writer.close();
    const file = await Deno.readFile(writer.path);
    assertEquals(ivfFrames(file), [[0, 2, 2], [3000, 3], [6000, 4]]);
    const view = new DataView(file.buffer);
    const header = [
      view.getUint16(12, true),
      view.getUint16(14, true),
      view.getUint32(24, true),
    ];
    assertEquals(header, [320, 240, 3]);
  },
);

testWith(
  [],
  "createFrameWriter() goes on in time when the sender's clock goes back",
  async () => {
    await using temporary = await temporaryPath();
    const writer = createFrameWriter(temporary.path, "VP8");
    for (const timestamp of [9000, 12000, 500, 3500]) {
      writer.write(video(timestamp, true, 1));
    }
    await writer.close();
    const frames = ivfFrames(await Deno.readFile(writer.path));
    assertEquals(frames.map(([ticks]) => ticks), [0, 3000, 3001, 6001]);
  },
);

testWith(
  [],
  "createFrameWriter() leaves out what needs a frame that was lost",
  async () => {
    await using temporary = await temporaryPath();
    const writer = createFrameWriter(temporary.path, "VP8");
    const seconds = (time: number) => time * 90_000;
    const lost = { discontinuity: true };
    writer.write(video(0, true, 0));
    writer.write({ ...video(seconds(1), false, 1), ...lost });
    writer.write(video(seconds(2), false, 2));
    writer.write({ ...video(seconds(3), true, 3), ...lost });
    writer.write(video(seconds(4), false, 4));
    // This sender makes no keyframe any more.
    writer.write({ ...video(seconds(5), false, 5), ...lost });
    writer.write({ ...video(seconds(14), false, 14), ...lost });
    writer.write(video(seconds(15), false, 15));
    writer.write(video(seconds(16), false, 16));
    await writer.close();
    const frames = ivfFrames(await Deno.readFile(writer.path));
    assertEquals(
      frames,
      [0, 3, 4, 15, 16].map((time) => [seconds(time), time]),
    );
  },
);

testWith([], "createFrameWriter() writes H264 as it is", async () => {
  await using temporary = await temporaryPath();
  const writer = createFrameWriter(temporary.path, "H264");
  for (const keyframe of [false, true, false]) {
    const frame = video(0, keyframe, 0, 0, 0, 1, keyframe ? 0x65 : 0x41);
    writer.write({ ...frame, codec: "H264" });
  }
  await writer.close();
  assertEquals(writer.path, `${temporary.path}.h264`);
  assertEquals(
    [...await Deno.readFile(writer.path)],
    [0, 0, 0, 1, 0x65, 0, 0, 0, 1, 0x41],
  );
});

testWith(
  [],
  "createFrameWriter() marks missing sound of up to a minute as lost",
  async () => {
    await using temporary = await temporaryPath();
    const writer = createFrameWriter(temporary.path, "opus");
    writer.write(audio(2 ** 32 - 960, 0xfc, 1));
    writer.write(audio(0, 0xfc, 2));
    writer.write(audio(960 * 4, 0xfc, 3)); // three packets are missing
    writer.write(audio(960 * 3, 0xfc, 4)); // one from the past
    writer.write(audio(960 * 4 + 61 * 48_000, 0xfc, 5)); // a pause
    await writer.close();
    const file = await Deno.readFile(writer.path);
    assertEquals(lastPage(file), [960 * 8, 8]);
  },
);

testWith(
  [],
  "createFrameWriter() creates no file without a frame",
  async () => {
    await using temporary = await temporaryPath();
    const writer = createFrameWriter(temporary.path, "VP8");
    await writer.write(video(0, false, 1));
    await writer.close();
    await assertRejects(() => Deno.stat(writer.path), Deno.errors.NotFound);
  },
);

testWith(
  [],
  "createFrameWriter() replaces a file, and closes with `await using`",
  async () => {
    await using temporary = await temporaryPath();
    await Deno.writeFile(`${temporary.path}.h264`, new Uint8Array(1000));
    {
      await using writer = createFrameWriter(temporary.path, "H264");
      writer.write({ ...video(0, true, 1, 2, 3), codec: "H264" });
    }
    const file = await Deno.readFile(`${temporary.path}.h264`);
    assertEquals([...file], [1, 2, 3]);
  },
);

testWith(
  [],
  "createFrameWriter() reports an error with each frame and at the end",
  async () => {
    await using temporary = await temporaryPath();
    const writer = createFrameWriter(`${temporary.path}/missing`, "opus");
    const writes = [
      writer.write(audio(0, 0xfc)),
      writer.write(audio(960, 0xfc)),
    ];
    for (const write of writes) {
      await assertRejects(() => write, RecordingError, "its folder is gone");
    }
    await assertRejects(() => writer.close(), RecordingError);
  },
);

testWith(
  [],
  "createFrameWriter() reports an error at the end where writes weren't awaited",
  async () => {
    await using temporary = await temporaryPath();
    const writer = createFrameWriter(`${temporary.path}/missing`, "opus");
    writer.write(audio(0, 0xfc));
    await assertRejects(() => writer.close(), RecordingError);
  },
);

testWith(
  [],
  "createFrameWriter() refuses another codec, no packet, and frames after the end",
  async () => {
    await using temporary = await temporaryPath();
    const writer = createFrameWriter(temporary.path, "opus");
    await assertRejects(
      () => writer.write(video(0, true, 1)),
      TypeError,
      "Cannot write VP8",
    );
    await assertRejects(() => writer.write(audio(0)), RangeError);
    await writer.close();
    await writer.close();
    await assertRejects(
      () => writer.write(audio(0, 0xfc)),
      TypeError,
      "closed",
    );
  },
);

testWith(
  ["small disk"],
  "createFrameWriter() keeps the frames that a full disk took, whole",
  async () => {
    await using disk = await smallDisk(64);
    const path = `${disk.path}/track`;
    const writer = createFrameWriter(path, "VP8");
    const data = Array<number>(10_000).fill(7);
    const writes = Array.from(
      { length: 10 },
      (_, i) => writer.write(video(i * 3000, i === 0, ...data)),
    );
    const results = await Promise.allSettled(writes);
    const written = results.filter(({ status }) => status === "fulfilled");
    assert(written.length > 0 && written.length < writes.length);
    const { message } = await assertRejects(
      () => writer.write(video(90_000, true, 1)),
      RecordingError,
    );
    assertEquals(
      message,
      `Can't record ${path}.ivf: no space left on device; make room for what ` +
        `comes next`,
    );
    // It is closed now already, and not at the end of its session.
    await until(async () => !await isOpen(writer.path), {
      what: "the file's being closed",
    });
    {
      using _again = await Deno.open(writer.path);
      assert(await isOpen(writer.path));
    }
    const file = await Deno.readFile(writer.path);
    const frames = ivfFrames(file).map(([time, ...bytes]) => [
      time,
      bytes.length,
    ]);
    assertEquals(frames, written.map((_, i) => [i * 3000, data.length]));
    const said = new DataView(file.buffer).getUint32(24, true);
    assertEquals(said, written.length);
    await assertRejects(() => writer.close(), RecordingError, message);

    // There is no room for a first frame either: no empty file stays.
    await Deno.writeFile(
      `${disk.path}/rest`,
      new Uint8Array(64 * 1024 - file.length),
    ).catch(() => {});
    const late = createFrameWriter(`${disk.path}/late`, "VP8");
    void late.write(video(0, true, ...data)).catch(() => {});
    await assertRejects(() => late.close(), RecordingError, "no space left");
    await assertRejects(() => Deno.stat(late.path), Deno.errors.NotFound);

    // With room again the next track is whole.
    await Deno.remove(`${disk.path}/rest`);
    await Deno.remove(writer.path);
    await using next = createFrameWriter(`${disk.path}/next`, "VP8");
    await next.write(video(0, true, ...data));
  },
);

testWith(
  ["small disk"],
  "createFrameWriter() keeps whole pages of sound on a full disk",
  async () => {
    await using disk = await smallDisk(64);
    const writer = createFrameWriter(`${disk.path}/track`, "opus");
    const packet = [0xfc, ...Array<number>(1000).fill(7)];
    for (let i = 0; i < 200; i++) {
      writer.write(audio(i * 960, ...packet)).catch(() => {});
    }
    await assertRejects(() => writer.close(), RecordingError, "no space left");
    const bytes = await Deno.readFile(writer.path);
    const pages = oggPages(bytes);
    assert(pages.length > 2, "more than the headers");
    assertEquals(pages.reduce((sum, length) => sum + length), bytes.length);
  },
);

testWith(
  [],
  "createFrameWriter() says that its file was removed meanwhile",
  async () => {
    await using temporary = await temporaryPath();
    const writer = createFrameWriter(temporary.path, "VP8");
    await writer.write(video(0, true, 1));
    await Deno.remove(writer.path);
    await assertRejects(
      () => writer.close(),
      RecordingError,
      "it was removed meanwhile",
    );
  },
);

testWith(
  ["linux"],
  "createFrameWriter() keeps no more than 64 MiB for a disk that stands still",
  async () => {
    await using temporary = await temporaryPath();
    // Nobody reads it: opening it waits.
    const path = `${temporary.path}.h264`;
    await new Deno.Command("mkfifo", { args: [path] }).output();
    const writer = createFrameWriter(temporary.path, "H264");
    const data = new Uint8Array(4 * 2 ** 20);
    const frame = { ...video(0, true), codec: "H264", data } as const;
    for (let i = 0; i < 16; i++) writer.write(frame).catch(() => {});
    await assertRejects(
      () => writer.write(frame),
      RecordingError,
      "the disk takes nothing",
    );
    const reader = await Deno.open(path);
    await assertRejects(() => writer.close(), RecordingError);
    reader.close();
  },
);

/** The lengths of the pages of an Ogg file, the last one as it should be. */
function oggPages(file: Uint8Array): number[] {
  const pages: number[] = [];
  for (let at = 0; at < file.length;) {
    const segments = file[at + 26];
    const table = file.subarray(at + 27, at + 27 + segments);
    const length = 27 + segments + table.reduce((sum, each) => sum + each, 0);
    pages.push(length);
    at += length;
  }
  return pages;
}

async function isOpen(path: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ls", {
    args: ["-l", `/proc/${Deno.pid}/fd`],
    // Some are closed while it looks.
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).includes(` -> ${path}`);
}
