import type { ByteBudget } from "../limits/byte_budget.ts";
import { pacedBody } from "./paced_body.ts";
import { unavailable } from "./problem.ts";

/** What an answer is made with. */
export interface HeldAnswerOptions {
  /** `HEAD` gets no body. */
  method: string;
  headers: Headers;
  /** What is held of answers that were not taken yet. */
  budget: ByteBudget;
  /** Disposed of when the body is taken, or nobody takes it any more. */
  life: DisposableStack;
}

/**
 * Answers with bytes that are held until they are taken.
 *
 * @throws {HttpProblem} 503 where too much is held for others.
 */
export function heldAnswer(
  bytes: Uint8Array,
  { method, headers, budget, life }: HeldAnswerOptions,
): Response {
  headers.set("content-length", `${bytes.length}`);
  if (method === "HEAD") return new Response(null, { headers });
  const held = budget.take(bytes.length);
  if (held === undefined) {
    throw unavailable("The server holds as much as it may for others");
  }
  life.use(held);
  const kept = life.move();
  const body = pacedBody(one(bytes), { onEnd: () => kept.dispose() });
  return new Response(body, { headers });
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield await Promise.resolve(bytes);
}
