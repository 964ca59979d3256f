/** The elements of a binary PLY file, one after the other. */
import { PointsError } from "../errors.ts";
import { type NumberReader, numberReader, typeBytes } from "../field.ts";
import type { PlyElement, PlyProperty } from "./header.ts";

/** Where an element starts in a file. */
export interface ElementPlace {
  offset: number;
  isLittleEndian: boolean;
}

/** Returns the properties of single values. */
export function singlesOf({ properties }: PlyElement): PlyProperty[] {
  return properties.filter(({ countType }) => countType === undefined);
}

/** Returns how many bytes single values take. */
export function propertyBytes(properties: readonly PlyProperty[]): number {
  return properties.reduce((total, { type }) => total + typeBytes(type), 0);
}

/**
 * Finds the end of an element of a binary file.
 *
 * @throws {PointsError} `length`, naming the byte, when it reaches past the end
 * of the file or a list has a negative length.
 */
export function skipElement(
  bytes: Uint8Array,
  element: PlyElement,
  place: ElementPlace,
): number {
  if (singlesOf(element).length < element.properties.length) {
    return walkLists(bytes, element, place, () => {});
  }
  const end = place.offset + element.count * propertyBytes(element.properties);
  return checkEnd(bytes, element, place, end);
}

/**
 * Copies the single values of an element that has lists too, in the file's
 * byte order.
 *
 * @throws {PointsError} `length` as {@linkcode skipElement} does.
 */
export function dropLists(
  bytes: Uint8Array,
  element: PlyElement,
  place: ElementPlace,
): Uint8Array<ArrayBuffer> {
  const least = element.properties.reduce(
    (total, { type, countType = type }) => total + typeBytes(countType),
    0,
  );
  checkEnd(bytes, element, place, place.offset + element.count * least);
  const kept = new Uint8Array(
    element.count * propertyBytes(singlesOf(element)),
  );
  let to = 0;
  walkLists(bytes, element, place, (from, end) => {
    while (from < end) kept[to++] = bytes[from++];
  });
  return kept;
}

/** Goes from value to value, and tells of the single ones where they are. */
function walkLists(
  bytes: Uint8Array,
  element: PlyElement,
  place: ElementPlace,
  onSingle: (from: number, end: number) => void,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const check = (end: number) => checkEnd(bytes, element, place, end);
  const steps = element.properties.map(({ name, type, countType }) => {
    const size = typeBytes(type);
    if (countType === undefined) {
      return (at: number) => {
        const end = check(at + size);
        onSingle(at, end);
        return end;
      };
    }
    const read = numberReader(countType, place.isLittleEndian);
    const countSize = typeBytes(countType);
    return (at: number) => {
      const start = check(at + countSize);
      return check(start + size * readLength(view, at, { read, name }));
    };
  });
  let at = place.offset;
  for (let i = 0; i < element.count; i++) {
    for (const step of steps) at = step(at);
  }
  return at;
}

function readLength(
  view: DataView,
  at: number,
  { read, name }: { read: NumberReader; name: string },
): number {
  const length = read(view, at);
  if (length >= 0) return length;
  throw new PointsError(
    "length",
    `Cannot read PLY: list ${name} at byte ${at} has a length of ${length}`,
  );
}

function checkEnd(
  bytes: Uint8Array,
  { name, count }: PlyElement,
  { offset }: ElementPlace,
  end: number,
): number {
  if (end <= bytes.length) return end;
  throw new PointsError(
    "length",
    `Cannot read PLY: ${count} of element ${name} from byte ${offset} reach ` +
      `past the file's ${bytes.length} bytes`,
  );
}
