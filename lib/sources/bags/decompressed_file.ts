import { createWriteStream } from "node:fs";
import { statfs } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import type { Logger } from "../../log.ts";
import { SourceError } from "../errors.ts";
import { reasonOf } from "../file_list.ts";

/**
 * Where large files of a while belong (FHS 3.0, section 5.15): `/tmp` is in
 * memory on many machines.
 */
const FOLDER = "/var/tmp";
/** Bytes that are left to others there. */
const SPARED_BYTES = 1024 ** 3;

/** A file that is removed when it is disposed of. */
export interface TemporaryFile extends AsyncDisposable {
  readonly path: string;
}

export interface DecompressOptions {
  log: Logger;
  /** Ends it. */
  signal?: AbortSignal;
}

/**
 * Decompresses a file of zstd into a temporary one, as bags are read here and
 * there. Memory stays flat, and a GiB of the disk free. What is cut off or
 * damaged is decompressed up to there, and the log says so.
 *
 * @throws {SourceError} where nothing comes out, or there is no room.
 * @throws the signal's reason when it is aborted.
 */
export async function decompressFile(
  path: string,
  { log, signal }: DecompressOptions,
): Promise<TemporaryFile> {
  await using cleanup = new AsyncDisposableStack();
  const temporary = cleanup.use(await createTemporary(path));
  const { bavail, bsize } = await statfs(FOLDER);
  const most = Math.max(0, bavail * bsize - SPARED_BYTES);
  log.info("a compressed bag is unpacked", { file: path, into: FOLDER });
  const source = await open(path);
  let written = 0;
  const count = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      written += chunk.length;
      done(
        written > most ? new SourceError(tooLarge(path, most)) : null,
        chunk,
      );
    },
  });
  try {
    await pipeline(
      source.readable,
      createZstdDecompress(),
      count,
      createWriteStream(temporary.path),
      { signal },
    );
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SourceError) throw error;
    const why = reasonOf(error);
    if (written === 0) {
      throw new SourceError(`${path} can't be unpacked: ${why}`, {
        cause: error,
      });
    }
    log.warn("a compressed bag is unpacked up to where it is damaged", {
      ...{ file: path, bytes: written, why },
    });
  }
  const kept = cleanup.move();
  return {
    path: temporary.path,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function open(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (error) {
    throw new SourceError(`${path}: ${reasonOf(error)}`, { cause: error });
  }
}

async function createTemporary(of: string): Promise<TemporaryFile> {
  try {
    const path = await Deno.makeTempFile({
      ...{ dir: FOLDER, prefix: "pointwire-" },
    });
    return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
  } catch (error) {
    throw new SourceError(
      `${of} has to be unpacked into ${FOLDER}, which can't be written to: ` +
        `unpack it yourself, with zstd -d`,
      { cause: error },
    );
  }
}

function tooLarge(path: string, most: number): string {
  return `${path} has more than ${most} bytes when it is unpacked, and there ` +
    `is no room for more in ${FOLDER}`;
}
