/** The library that decompresses LAZ, in WebAssembly: loaded on first use. */

/** What is used of an instance. */
export interface LazPerf {
  HEAPU8: Uint8Array;
  /** What the module exports, its memory among it. */
  asm: Readonly<Record<string, unknown>>;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  LASZip: new () => {
    open(data: number, length: number): void;
    getPoint(target: number): void;
    delete(): void;
  };
}

interface LazPerfPackage {
  createLazPerf(options: {
    print(text: string): void;
    printErr(text: string): void;
  }): Promise<LazPerf>;
}

/** An instance with more memory than this isn't kept: it never shrinks. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

/** Bytes by which WebAssembly counts memory. */
const PAGE_BYTES = 64 * 1024;

/**
 * Instances for one file after the other. One that failed must not be given
 * back, as its memory may be in any state.
 */
export class LazPerfPool {
  #kept?: LazPerf;

  /** Takes the instance that is kept, or makes one. */
  async take(): Promise<LazPerf> {
    const kept = this.#kept;
    this.#kept = undefined;
    return kept ?? await createLazPerf();
  }

  /** Gives an instance back. */
  give(lazPerf: LazPerf): void {
    if (lazPerf.HEAPU8.length <= MAX_KEPT_BYTES) this.#kept = lazPerf;
  }
}

async function createLazPerf(): Promise<LazPerf> {
  const loaded: unknown = await import("laz-perf");
  const { createLazPerf } = loaded as LazPerfPackage;
  // What it would print comes as an error too.
  const silent = () => {};
  return await withoutListeners(() =>
    createLazPerf({ print: silent, printErr: silent })
  );
}

/**
 * Lets an instance's memory grow to so many bytes and no further: a damaged
 * file may ask for any number.
 */
export function limitMemory(lazPerf: LazPerf, maxBytes: number): void {
  const memory = Object.values(lazPerf.asm)
    .find((value) => value instanceof WebAssembly.Memory);
  if (memory === undefined) return;
  memory.grow = (pages) => {
    const bytes = memory.buffer.byteLength + pages * PAGE_BYTES;
    if (bytes > maxBytes) throw new RangeError(`${bytes} bytes of memory`);
    return WebAssembly.Memory.prototype.grow.call(memory, pages);
  };
}

/** The events of the process that the library listens to, in no one's name. */
const EVENTS = ["uncaughtException", "unhandledRejection"];

interface Process {
  listeners(event: string): unknown[];
  removeListener(event: string, listener: unknown): void;
}

/** Calls what adds listeners to the process, if there is one, without them. */
function withoutListeners<T>(call: () => T): T {
  const { process } = globalThis as { process?: Process };
  if (process === undefined) return call();
  const before = EVENTS.map((event) => process.listeners(event));
  const result = call();
  EVENTS.forEach((event, i) => {
    for (const listener of process.listeners(event)) {
      if (!before[i].includes(listener)) {
        process.removeListener(event, listener);
      }
    }
  });
  return result;
}
