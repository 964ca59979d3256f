/**
 * `deno task impair`: a UDP relay between two peers that impairs what passes.
 */
import { abortOnTermination, EXIT, readCommandLine } from "../lib/cli/exit.ts";
import { createRelayHandler } from "./impair/handler.ts";
import { Relay } from "./impair/relay.ts";

const percent = { type: "number", min: 0, max: 100, default: 0 } as const;
const milliseconds = { type: "number", min: 0, max: 60_000 } as const;

const options = readCommandLine("Usage: deno task impair [OPTIONS]", {
  port: {
    type: "integer",
    min: 0,
    max: 65_535,
    default: 0,
    help: "TCP port of the relay's HTTP side; 0 takes a free one",
  },
  server: { type: "text", help: "Server that offers are passed on to" },
  delay: { ...milliseconds, default: 0, help: "One-way delay, milliseconds" },
  jitter: { ...milliseconds, default: 0, help: "Uniform addition to it" },
  loss: { ...percent, help: "Percent of packets lost" },
  burst: {
    type: "number",
    min: 1,
    max: 1e6,
    default: 1,
    help: "Mean length of a run of lost packets",
  },
  reorder: { ...percent, help: "Percent of packets held back" },
  "reorder-by": {
    ...milliseconds,
    default: 5,
    help: "How long they are, milliseconds",
  },
  duplicate: { ...percent, help: "Percent of packets sent twice" },
  rate: {
    type: "number",
    min: 0,
    max: 1e5,
    default: 0,
    help: "Mbit/s of each direction; 0 has no limit",
  },
  queue: {
    ...milliseconds,
    default: 50,
    help: "What the queue before it holds, milliseconds",
  },
  apart: {
    type: "flag",
    help: "Each pair of peers has a link of its own, not all one",
  },
  seed: {
    type: "integer",
    min: 0,
    max: 2 ** 31,
    default: 1,
    help: "The same seed loses the same packets",
  },
});

const { "reorder-by": reorderBy, seed, port, server, apart } = options;
const { delay, jitter, loss, burst, reorder, duplicate, rate, queue } = options;
using relay = new Relay({
  impairments: {
    ...{ delay, jitter, loss, burst, reorder, reorderBy },
    ...{ duplicate, rate, queue },
  },
  ...{ seed, apart },
});
const http = Deno.serve({
  hostname: "127.0.0.1",
  port,
  onListen: (address) =>
    console.log(JSON.stringify({ url: `http://127.0.0.1:${address.port}` })),
}, createRelayHandler(relay, server?.replace(/\/$/, "")));
abortOnTermination().addEventListener("abort", () => Deno.exit(EXIT.ok));
await http.finished;
