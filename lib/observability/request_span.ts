import { trace } from "@opentelemetry/api";

/**
 * Names the span that Deno has opened for the request that is being answered,
 * if it traces (OpenTelemetry's semantic conventions for HTTP).
 *
 * @param route the pattern of the request's path.
 */
export function nameRequestSpan(method: string, route: string): void {
  const span = trace.getActiveSpan();
  span?.updateName(`${method} ${route}`);
  span?.setAttribute("http.route", route);
}
