/** Text of one kind only: values with a space between them. */

const SPACE = 0x20;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

const NAN = [0x6e, 0x61, 0x6e];

/** How far the first separator is looked for, bytes. */
const LOOK_BYTES = 4096;

/**
 * Returns a file's text with its separators, commas or semicolons, and its
 * quotes made spaces, and nan where nothing stands between two of them. Lines
 * end in \n.
 *
 * @returns the bytes themselves where that is what they are.
 */
export function separateBySpaces(bytes: Uint8Array): Uint8Array {
  const start = bytes.subarray(0, LOOK_BYTES);
  const separator = start.includes(SEMICOLON)
    ? SEMICOLON
    : start.includes(COMMA)
    ? COMMA
    : undefined;
  const isOldMac = start.includes(RETURN) && !start.includes(NEWLINE);
  if (separator === undefined && !isOldMac && !start.includes(QUOTE)) {
    return bytes;
  }
  const out = new Uint8Array(
    bytes.length + NAN.length * countEmpty(bytes, separator),
  );
  let to = 0;
  let isEmpty = true;
  /** Whether the line has had a separator. */
  let isOpen = false;
  const putNaN = () => {
    out.set(NAN, to);
    to += NAN.length;
  };
  for (let i = 0; i <= bytes.length; i++) {
    const byte = i < bytes.length ? bytes[i] : NEWLINE;
    const isEnd = byte === NEWLINE || byte === RETURN && isOldMac;
    if (byte === separator) {
      if (isEmpty) putNaN();
      out[to++] = SPACE;
      isEmpty = isOpen = true;
      continue;
    }
    if (isEnd) {
      if (isOpen && isEmpty) putNaN();
      if (i < bytes.length) out[to++] = NEWLINE;
      isEmpty = true;
      isOpen = false;
      continue;
    }
    if (byte > SPACE) isEmpty = false;
    out[to++] = byte === QUOTE ? SPACE : byte;
  }
  return out.subarray(0, to);
}

/** Counts the places where a value may be missing, rather too many. */
function countEmpty(bytes: Uint8Array, separator: number | undefined): number {
  if (separator === undefined) return 0;
  let count = 0;
  let isEmpty = true;
  for (const byte of bytes) {
    if (byte === separator) {
      if (isEmpty) count++;
      isEmpty = true;
    } else if (byte === NEWLINE || byte === RETURN) {
      if (isEmpty) count++;
      isEmpty = true;
    }
    if (byte > SPACE && byte !== separator) isEmpty = false;
  }
  return count + 1;
}
