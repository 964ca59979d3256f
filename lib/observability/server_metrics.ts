import { Counter, Gauge, Registry } from "prom-client";
import type { SessionHost } from "../hosting/session_host.ts";
import { registerProcessMetrics } from "./process_metrics.ts";
import { type SessionAccount, SessionBook } from "./session_book.ts";
import { registerSessionMetrics } from "./session_metrics.ts";
import { registerWorkerMetrics } from "./worker_metrics.ts";

/** One HTTP request that was answered. */
export interface AnsweredRequest {
  method: string;
  /** The pattern of its path; none where nothing is. */
  route: string | undefined;
  status: number;
}

/** Methods that are told apart: a stranger may send any word for one. */
const METHODS = ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH", "PUT"];

/** What an operator's monitoring reads of a server. */
export class ServerMetrics implements Disposable {
  readonly contentType: string = Registry.PROMETHEUS_CONTENT_TYPE;
  /** Where other parts of the server may add theirs. */
  readonly registry: Registry = new Registry();
  readonly #life = new DisposableStack();
  readonly #book: SessionBook;
  readonly #requests: Counter;
  #account: SessionAccount | undefined;

  /** @param isReady tells whether new sessions are taken. */
  constructor(host: SessionHost, isReady: () => boolean = () => true) {
    this.#book = this.#life.use(new SessionBook(host));
    const registers = [this.registry];
    registerSessionMetrics(this.registry, () => this.#account!);
    this.#requests = new Counter({
      name: "pointwire_http_requests_total",
      help: "HTTP requests answered, by the pattern of their path.",
      labelNames: ["method", "route", "status"],
      registers,
    });
    new Gauge({
      name: "pointwire_ready",
      help:
        "1 while new sessions are taken, 0 while the server can't or drains.",
      registers,
      collect() {
        this.set(isReady() ? 1 : 0);
      },
    });
    registerWorkerMetrics(this.registry, host);
    this.#life.use(registerProcessMetrics(this.registry));
  }

  /** Counts a request. */
  answered({ method, route = "none", status }: AnsweredRequest): void {
    const known = METHODS.includes(method) ? method : "other";
    this.#requests.inc({ method: known, route, status });
  }

  /** Writes all metrics in Prometheus' text format (version 0.0.4). */
  async text(): Promise<string> {
    this.#account = await this.#book.read();
    return await this.registry.metrics();
  }

  [Symbol.dispose](): void {
    this.#life.dispose();
  }
}
