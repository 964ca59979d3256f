/**
 * What ffmpeg and ffprobe open. A playlist, a session description and the like
 * name other files and addresses, and their author isn't the user: what is
 * opened holds its media itself, and nothing but it is read.
 */

/** What one kind of input may be. */
export interface InputRules {
  /** The protocols of libavformat that it is read by. */
  protocols: readonly string[];
  /** The demuxers of libavformat that may read it, those of any version. */
  formats: readonly string[];
}

const CONTAINERS = [
  ...["mov", "matroska", "ogg", "mpegts", "mpeg", "avi", "flv", "asf", "nut"],
  ...["ivf", "mxf", "dv", "rm", "wtv", "gxf", "yuv4mpegpipe"],
];
const VIDEO = [
  ...["h264", "hevc", "vvc", "av1", "obu", "m4v", "mpegvideo", "mjpeg"],
  ...["h261", "h263", "vc1", "dirac", "cavsvideo"],
];
const AUDIO = [
  ...["wav", "w64", "mp3", "aac", "loas", "ac3", "eac3", "dts", "flac"],
  ...["aiff", "au", "caf", "amr", "voc", "wv", "ape", "tta", "tak", "dsf"],
];
/** Pictures, one or several in a file; those by a pattern are other files. */
const PICTURES = [
  ...["gif", "apng", "png_pipe", "jpeg_pipe", "webp_pipe", "bmp_pipe"],
  ...["tiff_pipe", "jpegxl_pipe"],
];

/** The demuxers of files that hold all of their media. */
export const FILE_FORMATS = [
  ...[...CONTAINERS, ...VIDEO, ...AUDIO, ...PICTURES],
];

const RULES = {
  file: { protocols: ["file"], formats: FILE_FORMATS },
  pipe: { protocols: ["pipe"], formats: ["rawvideo"] },
  pushed: { protocols: ["pipe"], formats: ["matroska"] },
} satisfies Record<string, InputRules>;

/** The arguments that open a local file, and nothing that it names. */
export function fileInput(path: string): string[] {
  // By such a name ffmpeg would look for a sequence of files.
  const isJpeg = /\.jpe?g$/i.test(path);
  const format = isJpeg ? ["-f", "jpeg_pipe"] : [];
  return [...only(RULES.file), ...format, "-i", inputUrl(path)];
}

/** The arguments that read raw pictures from stdin. */
export function pictureInput(): string[] {
  return [...only(RULES.pipe), "-i", "pipe:0"];
}

/** The arguments that read pushed pictures, in Matroska, from stdin. */
export function pushedInput(): string[] {
  return [...only(RULES.pushed), "-f", "matroska", "-i", "pipe:0"];
}

/** Names a local file so that ffmpeg takes no dash or colon in it for more. */
export function inputUrl(path: string): string {
  return `file:${path}`;
}

/** The demuxer that was refused for a file, by what ffmpeg says. */
export function refusedFormat(stderr: string): string | undefined {
  return /^\[([\w,]+) @ .*Format not on whitelist/m.exec(stderr)?.[1];
}

/** The arguments that hold an input, and what it names, to its rules. */
export function only({ protocols, formats }: InputRules): string[] {
  return [
    ...["-protocol_whitelist", protocols.join(",")],
    ...["-format_whitelist", formats.join(",")],
  ];
}
