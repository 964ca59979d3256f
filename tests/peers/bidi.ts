/**
 * Debian's Firefox, headless, driven through WebDriver BiDi (W3C): as much of
 * it as a tab takes that runs functions of ours.
 */
import { temporaryFolder } from "../support.ts";
import { Process } from "../../tools/processes.ts";

/** Where Debian's package puts it. */
export const FIREFOX = "/usr/bin/firefox-esr";

/**
 * This machine's own addresses as candidates, sound and WebGL without devices,
 * no question asked, and nothing that calls home.
 */
const PREFERENCES: Record<string, boolean | number | string> = {
  "media.peerconnection.ice.loopback": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "media.navigator.permission.disabled": true,
  "media.navigator.streams.fake": true,
  "media.autoplay.default": 0,
  "media.autoplay.blocking_policy": 0,
  "media.gmp-manager.updateEnabled": false,
  "webgl.force-enabled": true,
  "devtools.jsonview.enabled": false,
  "app.normandy.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "remote.log.level": "Warn",
  "toolkit.telemetry.enabled": false,
};

/** WebGL in software is for EGL alone. */
const ENVIRONMENT = {
  MOZ_CRASHREPORTER_DISABLE: "1",
  MOZ_WEBGL_FORCE_EGL: "1",
};

/** Ends a program when the process of this number ends, however it does. */
const WITH_US = `
  (while kill -0 "$1" && kill -0 $$; do sleep 1; done; kill -9 $$) \
    >/dev/null 2>&1 &
  shift
  exec "$@"
`;

interface Answer {
  id?: number | null;
  type: "success" | "error" | "event";
  result?: unknown;
  error?: string;
  message?: string;
  method?: string;
  params?: unknown;
}

interface LogEntry {
  level: "debug" | "info" | "warn" | "error";
  text: string | null;
}

interface Evaluated {
  type: "success" | "exception";
  result?: { value?: string };
  exceptionDetails?: { text: string };
}

/** A tab of Firefox. */
export interface Tab extends AsyncDisposable {
  open(url: string): Promise<void>;
  /**
   * Runs a function in the page, and gives what it gives, by JSON. It sees
   * nothing of what is around it here.
   *
   * @throws {Error} what it threw.
   */
  run<A extends unknown[], R>(
    body: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<R>;
}

/** What the page says on its console, errors included. */
export type OnLog = (level: LogEntry["level"], text: string) => void;

/** Starts Firefox with one tab; it ends with the scope. */
export async function startFirefox(onLog: OnLog): Promise<Tab> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  await Deno.writeTextFile(
    `${folder.path}/user.js`,
    Object.entries(PREFERENCES)
      .map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`)
      .join("\n"),
  );
  const process = stack.use(
    new Process("/bin/sh", [
      ...["-c", WITH_US, "sh", `${Deno.pid}`, FIREFOX],
      ...["--headless", "--no-remote", "--profile", folder.path],
      "--remote-debugging-port=0",
    ], { env: { ...ENVIRONMENT, HOME: folder.path } }),
  );
  const url = await process.waitFor(
    "that Firefox listens",
    (line) => line.match(/WebDriver BiDi listening on (\S+)/)?.[1],
  );
  const session = stack.use(await Session.open(`${url}/session`, onLog));
  await session.ask("session.new", { capabilities: {} });
  await session.ask("session.subscribe", { events: ["log.entryAdded"] });
  const { contexts: [{ context }] } = await session.ask<
    { contexts: { context: string }[] }
  >("browsingContext.getTree", {});
  const owned = stack.move();
  return {
    open: async (url) => {
      await session.ask("browsingContext.navigate", {
        context,
        url,
        wait: "complete",
      });
    },
    run: async (body, ...args) => {
      const { type, result, exceptionDetails } = await session.ask<Evaluated>(
        "script.callFunction",
        {
          functionDeclaration: `async (args) =>
            JSON.stringify(await (${body})(...JSON.parse(args))) ?? "null"`,
          arguments: [{ type: "string", value: JSON.stringify(args) }],
          target: { context },
          awaitPromise: true,
          userActivation: true,
        },
      );
      if (type === "exception") throw new Error(exceptionDetails!.text);
      return JSON.parse(result!.value!);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Commands, their answers, and events, over a WebSocket. */
class Session implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #onLog: OnLog;
  readonly #closed = Promise.withResolvers<void>();
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #last = 0;

  private constructor(socket: WebSocket, onLog: OnLog) {
    this.#socket = socket;
    this.#onLog = onLog;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = () => {
      this.#closed.resolve();
      for (const { reject } of this.#asked.values()) {
        reject(new Error("Firefox has closed the session"));
      }
    };
  }

  static async open(url: string, onLog: OnLog): Promise<Session> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`${url} can't be opened`));
    });
    return new Session(socket, onLog);
  }

  ask<T>(method: string, params: unknown): Promise<T> {
    const id = ++this.#last;
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set(id, asked);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return asked.promise as Promise<T>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#closed.promise;
  }

  #take({ id, type, result, error, message, method, params }: Answer): void {
    if (type === "event") {
      if (method !== "log.entryAdded") return;
      const { level, text } = params as LogEntry;
      return this.#onLog(level, text ?? "");
    }
    const asked = this.#asked.get(id ?? 0);
    this.#asked.delete(id ?? 0);
    if (type === "success") asked?.resolve(result);
    else asked?.reject(new Error(`${error}: ${message}`));
  }
}
