import { ifNoneMatch } from "@std/http/etag";
import { STATUS_CODE } from "@std/http/status";
import type { StoredFile } from "../recording/recording_library.ts";
import { readRange } from "./byte_range.ts";
import { pacedBody } from "./paced_body.ts";
import { HttpProblem } from "./problem.ts";

/**
 * Answers with a file, or a range of it (RFC 9110 section 14). It is read as
 * the reader takes it: as far as it went when it was opened.
 *
 * @param life disposed of when the body is taken, or nobody takes it any more.
 * @throws {HttpProblem} 416 for a range behind its end.
 */
export function fileAnswer(
  { method, headers: asked }: Request,
  { size, tag, type, parts }: StoredFile,
  life: DisposableStack,
): Response {
  const headers = new Headers({
    "content-type": type,
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    "accept-ranges": "bytes",
    etag: tag,
  });
  if (!ifNoneMatch(asked.get("if-none-match"), tag)) {
    return new Response(null, { status: STATUS_CODE.NotModified, headers });
  }
  // Ranges are of GET alone; of another state of the file all is wanted.
  const isOfThis = (asked.get("if-range") ?? tag) === tag;
  const range = method === "GET" && isOfThis
    ? readRange(asked.get("range"), size)
    : undefined;
  if (range === "unsatisfiable") {
    throw new HttpProblem(
      STATUS_CODE.RangeNotSatisfiable,
      `The file has ${size} bytes`,
      { headers: { "content-range": `bytes */${size}` } },
    );
  }
  const { start, end } = range ?? { start: 0, end: size };
  headers.set("content-length", `${end - start}`);
  if (method === "HEAD") return new Response(null, { headers });
  if (range !== undefined) {
    headers.set("content-range", `bytes ${start}-${end - 1}/${size}`);
  }
  const kept = life.move();
  const body = pacedBody(parts(start, end), {
    onEnd: () => kept.dispose(),
  });
  const status = range === undefined
    ? STATUS_CODE.OK
    : STATUS_CODE.PartialContent;
  return new Response(body, { status, headers });
}
