/**
 * How a picture may be encoded that a program has. Those of video lean on the
 * ones before.
 */
export type PushedFormat =
  | "jpeg"
  | "png"
  | "h264"
  | "h265"
  | "vp8"
  | "vp9"
  | "av1";

/** Units of a timestamp, nanoseconds: a tenth of a millisecond. */
const SCALE_NS = 100_000;
export const MATROSKA_TICKS_PER_S = 1e9 / SCALE_NS;

/** Elements of EBML and Matroska (RFC 8794, RFC 9559). */
const EBML = 0x1a45dfa3;
const DOC_TYPE = 0x4282;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TIMESTAMP_SCALE = 0x2ad7b1;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const TRACK_UID = 0x73c5;
const TRACK_TYPE = 0x83;
const CODEC_ID = 0x86;
const CODEC_PRIVATE = 0x63a2;
const VIDEO = 0xe0;
const PIXEL_WIDTH = 0xb0;
const PIXEL_HEIGHT = 0xba;
const CLUSTER = 0x1f43b675;
const TIMESTAMP = 0xe7;
const SIMPLE_BLOCK = 0xa3;

/** A size that isn't known: it goes on to the end. */
const UNKNOWN_SIZE = Uint8Array.of(0x01, ...Array(7).fill(0xff));
const IS_VIDEO = 1;
const KEYFRAME = 0x80;
/** What stands there until the pictures tell. */
const SIZE_UNTIL_KNOWN = 16;

/** Begins a stream of pictures of one format, one track. */
export function matroskaHeader(format: PushedFormat): Uint8Array {
  const entry = [
    ...element(TRACK_NUMBER, number(1)),
    ...element(TRACK_UID, number(1)),
    ...element(TRACK_TYPE, number(IS_VIDEO)),
    ...codecOf(format),
    ...element(VIDEO, [
      ...element(PIXEL_WIDTH, number(SIZE_UNTIL_KNOWN)),
      ...element(PIXEL_HEIGHT, number(SIZE_UNTIL_KNOWN)),
    ]),
  ];
  return Uint8Array.from([
    ...element(EBML, element(DOC_TYPE, ascii("matroska"))),
    ...idOf(SEGMENT),
    ...UNKNOWN_SIZE,
    ...element(INFO, element(TIMESTAMP_SCALE, number(SCALE_NS))),
    ...element(TRACKS, element(TRACK_ENTRY, entry)),
  ]);
}

/**
 * What comes before and with a picture: a cluster of its own, which is read as
 * soon as its last byte is there.
 *
 * @param ticks when it is shown, in units of 0.1 ms.
 */
export function matroskaPicture(
  bytes: Uint8Array,
  ticks: number,
): Uint8Array[] {
  const block = [0x81, 0, 0, KEYFRAME];
  const time = element(TIMESTAMP, number(ticks));
  const blockSize = block.length + bytes.length;
  const head = [...idOf(SIMPLE_BLOCK), ...sizeOf(blockSize), ...block];
  const inside = time.length + head.length + bytes.length;
  const start = [...idOf(CLUSTER), ...sizeOf(inside), ...time, ...head];
  return [Uint8Array.from(start), bytes];
}

function codecOf(format: PushedFormat): number[] {
  switch (format) {
    case "jpeg":
      return element(CODEC_ID, ascii("V_MJPEG"));
    case "vp8":
    case "vp9":
    case "av1":
      return element(CODEC_ID, ascii(`V_${format.toUpperCase()}`));
    case "png":
      return fourcc("MPNG");
    // By a fourcc, as they come with start codes, and without a header.
    case "h264":
      return fourcc("H264");
    case "h265":
      return fourcc("HEVC");
  }
}

/** Bytes of Windows' BITMAPINFOHEADER, which has the fourcc at 16. */
const BITMAP_HEADER_BYTES = 40;

function fourcc(code: string): number[] {
  const header = new Uint8Array(BITMAP_HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, BITMAP_HEADER_BYTES, true);
  view.setInt32(4, SIZE_UNTIL_KNOWN, true);
  view.setInt32(8, SIZE_UNTIL_KNOWN, true);
  view.setUint16(12, 1, true); // planes
  view.setUint16(14, 24, true); // bits of a pixel
  header.set(ascii(code), 16);
  return [
    ...element(CODEC_ID, ascii("V_MS/VFW/FOURCC")),
    ...element(CODEC_PRIVATE, [...header]),
  ];
}

function element(id: number, content: number[]): number[] {
  return [...idOf(id), ...sizeOf(content.length), ...content];
}

function idOf(id: number): number[] {
  return number(id);
}

/** A size of eight bytes, the first of which says that there are seven more. */
function sizeOf(bytes: number): number[] {
  const size = number(bytes);
  return [0x01, ...Array(7 - size.length).fill(0), ...size];
}

/** A number of as few bytes as it takes, the most significant first. */
function number(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.unshift(value % 256);
    value = Math.floor(value / 256);
  } while (value > 0);
  return bytes;
}

function ascii(text: string): number[] {
  return Array.from(text, (char) => char.charCodeAt(0));
}
