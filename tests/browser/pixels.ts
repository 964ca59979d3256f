/** What pictures show. */
import type { Page } from "playwright-core";

/** A picture: RGB, 8 bits each, row by row from the top. */
export interface Picture {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/** Takes a picture of one element, as the browser shows it. */
export async function pictureOf(
  page: Page,
  selector: string,
): Promise<Picture> {
  const png = await page.locator(selector).screenshot();
  const box = new DataView(png.buffer, png.byteOffset + 16);
  const [width, height] = [box.getUint32(0), box.getUint32(4)];
  return decodePng(png, width, height);
}

/** The newest frame of a video element. */
export async function frameOf(page: Page, selector: string): Promise<Picture> {
  const { width, height, base64 } = await page.evaluate(async (selector) => {
    const video = document.querySelector<HTMLVideoElement>(selector)!;
    const [width, height] = [video.videoWidth, video.videoHeight];
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d")!.drawImage(video, 0, 0);
    const png = new Uint8Array(
      await (await canvas.convertToBlob()).arrayBuffer(),
    );
    const base64 = btoa(
      Array.from(png, (byte) => String.fromCharCode(byte)).join(""),
    );
    return { width, height, base64 };
  }, selector);
  return decodePng(Uint8Array.fromBase64(base64), width, height);
}

/** All frames of a video file of a known size. */
export function framesIn(
  file: string,
  width: number,
  height: number,
): Promise<Uint8Array[]> {
  return decodePictures(["-i", file], { width, height });
}

async function decodePng(
  input: Uint8Array,
  width: number,
  height: number,
): Promise<Picture> {
  const [rgb] = await decodePictures(["-f", "png_pipe", "-i", "-"], {
    ...{ width, height, input },
  });
  return { width, height, rgb };
}

async function decodePictures(
  args: string[],
  { width, height, input }: {
    width: number;
    height: number;
    input?: Uint8Array;
  },
): Promise<Uint8Array[]> {
  const child = new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", ...args],
      ...["-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
    ],
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
  }).spawn();
  const output = new Response(child.stdout).bytes();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(input);
    await writer.close();
  }
  await child.status;
  const bytes = await output;
  const size = width * height * 3;
  return Array.from(
    { length: bytes.length / size },
    (_, i) => bytes.subarray(i * size, (i + 1) * size),
  );
}

/** Peak signal-to-noise ratio of two pictures of one size, dB. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / a.length));
}

/** Share of the pixels in which two pictures differ visibly. */
export function difference(a: Picture, b: Picture): number {
  const count = a.width * a.height;
  let differing = 0;
  for (let i = 0; i < count; i++) {
    const at = 3 * i;
    const most = Math.max(
      Math.abs(a.rgb[at] - b.rgb[at]),
      Math.abs(a.rgb[at + 1] - b.rgb[at + 1]),
      Math.abs(a.rgb[at + 2] - b.rgb[at + 2]),
    );
    if (most > 24) differing++;
  }
  return differing / count;
}

/** 8 bits each. */
export type Color = readonly [red: number, green: number, blue: number];

export const BLUE: Color = [18, 171, 255];
export const RUST: Color = [200, 40, 11];

/** The pixels that have a colour, within 1 of each channel, and their middle. */
export function pixelsOf({ rgb, width }: Picture, color: Color) {
  let count = 0, x = 0, y = 0;
  for (let i = 0; i < rgb.length; i += 3) {
    const isSame = color.every((value, k) => Math.abs(rgb[i + k] - value) <= 1);
    if (!isSame) continue;
    count++;
    x += i / 3 % width;
    y += Math.floor(i / 3 / width);
  }
  return { count, x: x / count, y: y / count };
}

/** Pixels along a side of the squares that `coverOf` counts. */
const SQUARE = 24;

/**
 * Counts the squares of a picture in which a colour is: how much of it that
 * covers, however thin the points are that have it.
 */
export function coverOf({ rgb, width }: Picture, color: Color): number {
  const squares = new Set<string>();
  for (let i = 0; i < rgb.length; i += 3) {
    const isSame = color.every((value, k) => Math.abs(rgb[i + k] - value) <= 1);
    if (!isSame) continue;
    const [x, y] = [i / 3 % width, Math.floor(i / 3 / width)];
    squares.add(`${Math.floor(x / SQUARE)} ${Math.floor(y / SQUARE)}`);
  }
  return squares.size;
}

/** A colour as a field `rgb` has it: 0x00RRGGBB. */
export function bitsOf([red, green, blue]: Color): number {
  return red << 16 | green << 8 | blue;
}
