import type { Logger } from "../../log.ts";
import { RosBridge } from "./bridge.ts";

/** A bridge that somebody uses; disposed of, it is let go. */
export interface UsedBridge extends AsyncDisposable {
  readonly bridge: RosBridge;
}

export interface RosBridgesOptions {
  log: Logger;
  /** Certificates, in PEM, of authorities trusted besides the usual ones. */
  caCerts?: string[];
  /** Ends what waits for a bridge. @default {never} */
  signal?: AbortSignal;
}

/**
 * The bridges of a program, a connection each: sources and cameras of one URL
 * share it. One that nobody uses any more is hung up.
 */
export class RosBridges {
  /** Ends what waits for a bridge. */
  readonly signal: AbortSignal;
  readonly #options: RosBridgesOptions;
  readonly #open = new Map<string, { bridge: RosBridge; users: number }>();

  constructor(options: RosBridgesOptions) {
    this.#options = options;
    this.signal = options.signal ?? new AbortController().signal;
  }

  /** Gives the bridge of a URL, `ws:` or `wss:`, to one more. */
  use(url: string): UsedBridge {
    const { href } = new URL(url);
    const open = this.#open.get(href) ?? this.#connect(href);
    this.#open.set(href, open);
    open.users++;
    let isUsed = true;
    return {
      bridge: open.bridge,
      [Symbol.asyncDispose]: async () => {
        if (!isUsed) return;
        isUsed = false;
        open.users--;
        if (open.users > 0) return;
        this.#open.delete(href);
        await open.bridge[Symbol.asyncDispose]();
      },
    };
  }

  #connect(url: string) {
    const { log, caCerts } = this.#options;
    return { bridge: new RosBridge({ url, log, caCerts }), users: 0 };
  }
}
