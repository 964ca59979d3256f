import { Process } from "../../tools/processes.ts";

/** A NATS server on loopback, which may be killed and started again. */
export class Nats implements AsyncDisposable {
  readonly url: string;
  readonly #port: number;
  readonly #args: string[];
  #process: Process;

  private constructor(port: number, args: string[], process: Process) {
    this.#port = port;
    this.#args = args;
    this.#process = process;
    const isByTls = args.includes("--tlscert");
    this.url = `${isByTls ? "tls" : "nats"}://127.0.0.1:${port}`;
  }

  /** @param args more than its address. */
  static async start(port: number, args: string[] = []): Promise<Nats> {
    return new Nats(port, args, await startOn(port, args));
  }

  get child(): Deno.ChildProcess {
    return this.#process.child;
  }

  async kill(): Promise<void> {
    await this.#process.stop("SIGKILL");
  }

  async startAgain(): Promise<void> {
    this.#process = await startOn(this.#port, this.#args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

async function startOn(port: number, more: string[]): Promise<Process> {
  const args = ["--addr", "127.0.0.1", "--port", `${port}`, ...more];
  const process = new Process("nats-server", args);
  await process.waitFor(
    "NATS' word that it is ready",
    (line) => line.includes("Server is ready") || undefined,
  );
  return process;
}
