import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type LiveInput,
  MediaInputError,
  readMediaInput,
} from "../../lib/media/media_input.ts";

function live(text: string, format?: string): LiveInput {
  const input = readMediaInput(text, { format });
  assert(input.kind === "live", text);
  return input.input;
}

function after(args: string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

Deno.test("readMediaInput() takes for a file what is nothing else", () => {
  for (const path of ["film.mp4", "./test", "a:b.mp4", "C:\\film.mp4"]) {
    assertEquals(readMediaInput(path), { kind: "file", path });
  }
  assertEquals(readMediaInput("file:test"), { kind: "file", path: "test" });
});

Deno.test("readMediaInput() opens devices as what they are", () => {
  const devices = {
    "/dev/video0": ["v4l2", "/dev/video0"],
    "alsa:default": ["alsa", "default"],
    "pulse:": ["pulse", ""],
    "avfoundation:0:1": ["avfoundation", "0:1"],
    "x11grab::0.0": ["x11grab", ":0.0"],
  };
  for (const [text, [format, device]] of Object.entries(devices)) {
    const { args, isRemote } = live(text);
    assertEquals([after(args, "-f"), after(args, "-i")], [format, device]);
    assert(!isRemote);
  }
});

Deno.test("readMediaInput() asks a camera for what is wanted", () => {
  const input = readMediaInput("/dev/video0", {
    size: { width: 640, height: 480 },
    frameRate: 15,
  });
  assert(input.kind === "live");
  assertEquals(after(input.input.args, "-video_size"), "640x480");
  assertEquals(after(input.input.args, "-framerate"), "15");
});

Deno.test("no address may open a local file, whatever it names", () => {
  const addresses = [
    ...["rtsp://cam/1", "rtsps://cam/1", "rtmp://host/app/key", "srt://h:1"],
    ...["udp://239.0.0.1:1234", "rtp://h:5004", "tcp://h:1", "http://h/a.ts"],
    ...["https://h/live.m3u8", "RTSP://cam/1"],
  ];
  for (const address of addresses) {
    const { args, isRemote } = live(address);
    const protocols = after(args, "-protocol_whitelist")!.split(",");
    for (const local of ["file", "pipe", "concat", "subfile", "data", "fd"]) {
      assert(!protocols.includes(local), `${address}: ${local}`);
    }
    const formats = after(args, "-format_whitelist")!.split(",");
    for (const naming of ["concat", "sdp", "lavfi", "image2", "v4l2"]) {
      assert(!formats.includes(naming), `${address}: ${naming}`);
    }
    assert(args.indexOf("-protocol_whitelist") < args.indexOf("-i"));
    assert(isRemote);
  }
});

Deno.test("an input's name has no password in it", () => {
  assertEquals(live("rtsp://me:secret@cam/1").name, "rtsp://cam/1");
  assertEquals(
    live("srt://host:9?passphrase=secret").name,
    "srt://host:9?…",
  );
  assertEquals(live("rtsp://me:se@cret@cam/1").name, "rtsp://cam/1");
});

Deno.test("readMediaInput() tells who calls whom, and what is in pieces", () => {
  assert(live("srt://:9?mode=listener").listens);
  assert(live("rtmp://0.0.0.0/live?listen=1").listens);
  assert(!live("srt://host:9").listens);
  assert(live("https://host/live.m3u8?token=1").isPaced);
  assert(!live("https://host/live.ts").isPaced);
});

Deno.test("readMediaInput() says what it takes", () => {
  const wrong: [string, string | undefined, string][] = [
    ["-", undefined, "--media-format"],
    ["-", "concat", "--media-format is one of"],
    ["gopher://host/1", undefined, "rtsp://"],
    ["rtsp://", undefined, "can't be read"],
  ];
  for (const [text, format, says] of wrong) {
    assertThrows(
      () => readMediaInput(text, { format }),
      MediaInputError,
      says,
    );
  }
  assertEquals(after(live("-", "mpegts").args, "-i"), "pipe:0");
});
