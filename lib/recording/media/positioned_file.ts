/** A piece of a file, and where it goes. */
export interface PositionedPiece {
  data: Uint8Array;
  position: number;
}

/**
 * A file that is made with its first piece, and written wherever pieces say: a
 * container fills in at its start what it knows at its end.
 */
export class PositionedFile {
  readonly path: string;
  readonly #onWritten: (bytes: number) => void;
  #file: Deno.FsFile | undefined;

  /** @param onWritten is called with the bytes of each piece. */
  constructor(path: string, onWritten: (bytes: number) => void) {
    this.path = path;
    this.#onWritten = onWritten;
  }

  /** A stream that writes pieces; closed or aborted it closes the file. */
  get writable(): WritableStream<PositionedPiece> {
    return new WritableStream({
      write: (piece) => this.#write(piece),
      close: () => this.close(),
      abort: () => this.close(),
    });
  }

  /** Closes the file; doing it again is harmless. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  async #write({ data, position }: PositionedPiece): Promise<void> {
    this.#file ??= await Deno.open(this.path, { write: true, createNew: true });
    await this.#file.seek(position, Deno.SeekMode.Start);
    for (let at = 0; at < data.length;) {
      at += await this.#file.write(data.subarray(at));
    }
    this.#onWritten(data.length);
  }
}
