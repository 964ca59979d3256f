import { readBinaryHeader } from "./binary_header.ts";
import { readYamlHeader } from "./yaml_header.ts";
import { decodeText, malformed, quote, unsupported } from "./header_errors.ts";
import { checkCloudiniFields } from "./header_fields.ts";
import { type CloudiniHeader, MAGIC, VERSION } from "./info.ts";

const OLDEST_VERSION = 2;
const VERSION_DIGITS = 2;

/** Tells whether `bytes` begin with the magic text of a Cloudini buffer. */
export function isCloudini(bytes: Uint8Array): boolean {
  return bytes.length > MAGIC.length &&
    Array.from(MAGIC).every((char, i) => bytes[i] === char.charCodeAt(0));
}

/**
 * Reads the header at the start of a Cloudini buffer.
 *
 * @returns it, and the offset of the first chunk.
 * @throws {PointsError} `header`, or `unsupported` naming what isn't read.
 */
export function readCloudiniHeader(
  bytes: Uint8Array,
): { header: CloudiniHeader; offset: number } {
  if (!isCloudini(bytes)) throw malformed("no magic text");
  const start = MAGIC.length + VERSION_DIGITS;
  const digits = decodeText(bytes.subarray(MAGIC.length, start));
  if (!/^\d\d$/.test(digits)) throw malformed(`version ${quote(digits)}`);
  const version = Number(digits);
  if (version < OLDEST_VERSION || version > VERSION) {
    throw unsupported(
      `version ${version}, expected ${OLDEST_VERSION} to ${VERSION}`,
    );
  }
  const isText = bytes[start] === "\n".charCodeAt(0);
  const { info, offset } = isText
    ? readYamlHeader(bytes, start + 1)
    : readBinaryHeader(bytes, start);
  checkCloudiniFields(info);
  return { header: { version, ...info }, offset };
}
