import { Process } from "../../tools/processes.ts";

/** A NATS server on loopback, which may be killed and started again. */
export class Nats implements AsyncDisposable {
  readonly url: string;
  readonly #port: number;
  #process: Process;

  private constructor(port: number, process: Process) {
    this.#port = port;
    this.#process = process;
    this.url = `nats://127.0.0.1:${port}`;
  }

  static async start(port: number): Promise<Nats> {
    return new Nats(port, await startOn(port));
  }

  get child(): Deno.ChildProcess {
    return this.#process.child;
  }

  async kill(): Promise<void> {
    await this.#process.stop("SIGKILL");
  }

  async startAgain(): Promise<void> {
    this.#process = await startOn(this.#port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

async function startOn(port: number): Promise<Process> {
  const args = ["--addr", "127.0.0.1", "--port", `${port}`];
  const process = new Process("nats-server", args);
  await process.waitFor(
    "NATS' word that it is ready",
    (line) => line.includes("Server is ready") || undefined,
  );
  return process;
}
