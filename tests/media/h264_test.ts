import { assert, assertEquals } from "@std/assert";
import { testWith } from "../support.ts";
import { nalUnits } from "../../lib/media/annex_b.ts";
import {
  describeH264,
  parseH264Sps,
  readH264Payload,
} from "../../lib/media/h264.ts";

const START = [0, 0, 0, 1];

/** Reads a payload and joins its data. */
function read(...payload: number[]) {
  const part = readH264Payload(Uint8Array.from(payload));
  return part && { ...part, data: part.data.flatMap((data) => [...data]) };
}

Deno.test("readH264Payload() puts a start code before a single NAL unit", () => {
  assertEquals(read(0x41, 1, 2), {
    data: [...START, 0x41, 1, 2],
    begins: "possible",
    continues: false,
    open: false,
    coded: true,
    ends: false,
  });
});

Deno.test("readH264Payload() takes a STAP-A apart", () => {
  const part = read(0x78, 0, 2, 0x67, 1, 0, 1, 0x68, 0, 3, 0x65, 3, 4);
  assertEquals(
    part?.data,
    [...START, 0x67, 1, ...START, 0x68, ...START, 0x65, 3, 4],
  );
  assertEquals([part?.begins, part?.coded], ["likely", true]);
  assertEquals(read(0x78, 0, 1, 0x67, 0, 1, 0x68)?.coded, false);
});

Deno.test("readH264Payload() makes the header of a fragmented NAL unit", () => {
  const first = read(0x7c, 0x85, 1, 2);
  const middle = read(0x7c, 0x05, 3);
  const last = read(0x7c, 0x45, 4);
  assertEquals(first?.data, [...START, 0x65, 1, 2]);
  assertEquals([middle?.data, last?.data], [[3], [4]]);
  assertEquals(
    [first, middle, last].map((part) => [part?.continues, part?.open]),
    [[false, true], [true, true], [true, false]],
  );
  assertEquals([first?.begins, middle?.begins], ["possible", "never"]);
});

Deno.test("readH264Payload() takes a fragment that is the whole unit, and an empty one", () => {
  const whole = read(0x7c, 0xc5, 1);
  assertEquals(whole?.data, [...START, 0x65, 1]);
  assertEquals([whole?.continues, whole?.open], [false, false]);
  assertEquals(read(0x7c, 0x45)?.data, []);
});

Deno.test("readH264Payload() knows what begins an access unit", () => {
  assertEquals(read(0x09, 0xf0)?.begins, "certain");
  assertEquals(read(0x67, 1)?.begins, "likely");
  assertEquals(read(0x7c, 0x87, 1)?.begins, "likely");
  assertEquals(read(0x78, 0, 2, 9, 0xf0, 0, 1, 0x67)?.begins, "certain");
  assertEquals(read(0x68, 1)?.begins, "possible");
});

Deno.test("readH264Payload() refuses other types and what is malformed", () => {
  const malformed = {
    "type 0": [0x60, 1],
    "STAP-B": [0x79, 0, 0, 0, 1, 0x65],
    MTAP16: [0x7a, 0, 0, 0, 1],
    MTAP24: [0x7b, 0, 0, 0, 1],
    "FU-B": [0x7d, 0x85, 0, 0, 1],
    "type 30": [0x7e, 1],
    "type 31": [0x7f, 1],
    "forbidden bit": [0xe5, 1],
    "empty STAP-A": [0x78],
    "STAP-A without a unit": [0x78, 0, 0],
    "STAP-A cut in a size": [0x78, 0, 1, 0x65, 0],
    "STAP-A cut in a unit": [0x78, 0, 3, 0x65, 1],
    "STAP-A in a STAP-A": [0x78, 0, 1, 0x78],
    "FU-A without header": [0x7c],
    "FU-A of type 0": [0x7c, 0x80, 1],
    "FU-A of a FU-A": [0x7c, 0x9c, 1],
  };
  for (const [name, payload] of Object.entries(malformed)) {
    assert(read(...payload) === undefined, name);
  }
});

Deno.test("nalUnits() finds start codes of 3 and of 4 bytes", () => {
  const stream = Uint8Array.of(
    ...[0, 0, 0, 1, 0x67, 1, 0, 2],
    ...[0, 0, 1, 0x68, 0, 1, 0, 0],
    ...[0, 0, 0, 1, 0x65, 1],
  );
  assertEquals([...nalUnits(stream)].map((unit) => [...unit]), [
    [0x67, 1, 0, 2],
    [0x68, 0, 1],
    [0x65, 1],
  ]);
  assertEquals([...nalUnits(Uint8Array.of(0, 0, 1))], []);
  assertEquals([...nalUnits(new Uint8Array(0))], []);
});

/** Writes an SPS bit by bit, as H.264 §7.3.2.1.1 has it. */
class SpsWriter {
  #bits = "";

  u(value: number, count: number): this {
    this.#bits += value.toString(2).padStart(count, "0");
    return this;
  }

  ue(...values: number[]): this {
    for (const value of values) {
      const code = (value + 1).toString(2);
      this.#bits += "0".repeat(code.length - 1) + code;
    }
    return this;
  }

  /** Profile, constraints, level and id. */
  start(profile: number): this {
    return this.u(profile, 8).u(0, 8).u(31, 8).ue(0);
  }

  /** The NAL unit, with emulation prevention. */
  nal(): Uint8Array {
    const bits = this.#bits + "1" + "0".repeat(7);
    const nal = [0x67];
    let zeros = 0;
    for (let at = 0; at + 8 <= bits.length; at += 8) {
      const byte = parseInt(bits.slice(at, at + 8), 2);
      if (zeros >= 2 && byte <= 3) {
        nal.push(3);
        zeros = 0;
      }
      nal.push(byte);
      zeros = byte === 0 ? zeros + 1 : 0;
    }
    return Uint8Array.from(nal);
  }
}

/** From log2_max_frame_num on: frames of 40 by 30 macroblocks, cropped. */
function sized(sps: SpsWriter, ...crop: number[]): SpsWriter {
  return sps.ue(0, 0, 0, 1).u(0, 1).ue(39, 29).u(1, 1).u(1, 1)
    .u(crop.length && 1, 1).ue(...crop).u(0, 1);
}

Deno.test("parseH264Sps() reads the size of a baseline stream", () => {
  const sps = sized(new SpsWriter().start(66)).nal();
  assertEquals(parseH264Sps(sps), { width: 640, height: 480 });
});

Deno.test("parseH264Sps() crops in the units of the chroma format", () => {
  const size = (format: number) => {
    const sps = new SpsWriter().start(100).ue(format);
    if (format === 3) sps.u(0, 1);
    sps.ue(0, 0).u(0, 1).u(0, 1);
    return parseH264Sps(sized(sps, 1, 2, 3, 4).nal());
  };
  assertEquals(size(0), { width: 637, height: 473 });
  assertEquals(size(1), { width: 634, height: 466 });
  assertEquals(size(2), { width: 634, height: 473 });
  assertEquals(size(3), { width: 637, height: 473 });
});

Deno.test("parseH264Sps() crops separate colour planes in pixels", () => {
  const sps = new SpsWriter().start(244).ue(3).u(1, 1).ue(0, 0).u(0, 2);
  assertEquals(
    parseH264Sps(sized(sps, 1, 2, 3, 4).nal()),
    { width: 637, height: 473 },
  );
});

Deno.test("parseH264Sps() skips scaling lists", () => {
  const sps = new SpsWriter().start(100).ue(1, 0, 0).u(0, 1).u(1, 1);
  sps.u(1, 1).ue(...Array(16).fill(0)); // a whole list
  sps.u(1, 1).ue(16); // -8: one that falls back at once
  sps.u(0, 4);
  sps.u(1, 1).ue(1, ...Array(63).fill(0)).u(0, 1);
  assertEquals(parseH264Sps(sized(sps).nal()), { width: 640, height: 480 });
});

Deno.test("parseH264Sps() skips picture order count type 1", () => {
  const sps = new SpsWriter().start(77).ue(0, 1).u(0, 1).ue(3, 4, 2, 7, 8);
  sps.ue(1).u(0, 1).ue(39, 29).u(1, 1).u(1, 1).u(0, 1).u(0, 1);
  assertEquals(parseH264Sps(sps.nal()), { width: 640, height: 480 });
});

Deno.test("parseH264Sps() counts rows twice where pictures can be fields", () => {
  const sps = new SpsWriter().start(77).ue(0, 0, 0, 1).u(0, 1).ue(119, 33);
  sps.u(0, 1).u(1, 1).u(1, 1).u(1, 1).ue(0, 0, 0, 2).u(0, 1);
  assertEquals(parseH264Sps(sps.nal()), { width: 1920, height: 1080 });
});

Deno.test("parseH264Sps() removes emulation prevention", () => {
  // A level of 0, and then an id whose code starts with 7 zeros.
  const sps = new SpsWriter().u(66, 8).u(0, 16).ue(127);
  const nal = sized(sps).nal();
  assertEquals([...nal.slice(2, 6)], [0, 0, 3, 1]);
  assertEquals(parseH264Sps(nal), { width: 640, height: 480 });
});

Deno.test("parseH264Sps() refuses an SPS that ends early or makes no sense", () => {
  const whole = sized(new SpsWriter().start(66)).nal();
  for (let length = 0; length < whole.length - 1; length++) {
    assertEquals(parseH264Sps(whole.subarray(0, length)), undefined);
  }
  const cropped = sized(new SpsWriter().start(66), 200, 200, 0, 0).nal();
  assertEquals(parseH264Sps(cropped), undefined);
  assertEquals(parseH264Sps(new Uint8Array(100_000)), undefined);
});

Deno.test("describeH264() tells keyframes and their size", () => {
  const sps = sized(new SpsWriter().start(66)).nal();
  const unit = (...nals: (Uint8Array | number[])[]) =>
    describeH264(Uint8Array.from(nals.flatMap((nal) => [...START, ...nal])));
  const size = { width: 640, height: 480 };
  assertEquals(
    unit(sps, [0x68, 1], [0x65, 9]),
    { keyframe: true, ...size },
  );
  assertEquals(unit([0x41, 1]), { keyframe: false });
  assertEquals(unit([0x06, 1], [0x65, 1]), { keyframe: true });
  assertEquals(unit(sps), { keyframe: false, ...size });
  assertEquals(unit([0x67, 1], [0x41, 1]), { keyframe: false });
});

testWith(["ffmpeg"], "describeH264() reads what x264 writes", async () => {
  const formats = {
    baseline: ["-pix_fmt", "yuv420p", "-profile:v", "baseline"],
    high: ["-pix_fmt", "yuv420p", "-profile:v", "high"],
    scalingLists: ["-pix_fmt", "yuv420p", "-x264-params", "cqm=jvt"],
    "4:2:2": ["-pix_fmt", "yuv422p"],
    "4:4:4": ["-pix_fmt", "yuv444p"],
    gray: ["-pix_fmt", "gray"],
    interlaced: ["-pix_fmt", "yuv420p", "-flags", "+ilme+ildct"],
  };
  await Promise.all(
    Object.entries(formats).map(async ([name, args]) => {
      const stream = await encodeOneFrame("322x244", args);
      assertEquals(
        [name, describeH264(stream)],
        [name, { keyframe: true, width: 322, height: 244 }],
      );
    }),
  );
});

async function encodeOneFrame(
  size: string,
  args: string[],
): Promise<Uint8Array> {
  const source = ["-f", "lavfi", "-i", `testsrc=size=${size}`];
  const output = ["-frames:v", "1", "-c:v", "libx264", ...args];
  const { code, stdout, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", ...source, ...output, "-f", "h264", "-"],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return stdout;
}
