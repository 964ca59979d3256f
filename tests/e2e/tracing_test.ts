import { assert, assertEquals } from "@std/assert";
import type { PointsCounters } from "../../lib/session/points_counters.ts";
import { testWith } from "../support.ts";
import {
  type LogLine,
  startClient,
  startServer,
} from "../../tools/processes.ts";

/** A span of OTLP's JSON, as far as it is looked at. */
interface Span {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: Record<string, unknown> }[];
  status: { code: number };
}

interface TracesRequest {
  resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
}

/** A collector of OTLP over HTTP that keeps the spans. */
function startCollector() {
  const spans: Span[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const body = await request.json();
      if (new URL(request.url).pathname === "/v1/traces") {
        for (const { scopeSpans } of (body as TracesRequest).resourceSpans) {
          spans.push(...scopeSpans.flatMap(({ spans }) => spans));
        }
      }
      return Response.json({});
    },
  );
  return {
    spans,
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function attribute(span: Span, name: string): unknown {
  const found = span.attributes.find(({ key }) => key === name);
  return found && Object.values(found.value)[0];
}

testWith(
  [],
  "an OpenTelemetry collector gets offer, connect and session in one trace",
  async () => {
    await using collector = startCollector();
    await using server = await startServer([], [], {
      env: {
        OTEL_DENO: "true",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      },
    });
    await using client = startClient(server, [
      ...["--points", "100", "--rate", "20", "--duration", "0.5"],
      ...["--media", "none"],
    ]);
    assertEquals((await client.finished()).code, 0, client.stderr.join("\n"));
    const ended = ({ message }: LogLine) => message === "session closed";
    const closed = await server.waitForLog("the session's end", ended);
    const refused = await fetch(`${server.url}/whep/nobody`, {
      method: "POST",
    });
    await refused.body?.cancel();
    await server.stop();

    const named = (name: string) => {
      const found = collector.spans.filter((span) => span.name === name);
      assertEquals(found.length, 1, name);
      return found[0];
    };
    const [request, offer, connect, session] = [
      "POST /offer",
      "offer",
      "connect",
      "session",
    ].map(named);
    assertEquals(offer.parentSpanId, request.spanId);
    assertEquals(attribute(request, "http.route"), "/offer");
    for (const span of [connect, session]) {
      assertEquals(span.traceId, offer.traceId);
      assertEquals(span.parentSpanId, offer.spanId);
      assertEquals(attribute(span, "pointwire.session"), closed.session);
    }
    assertEquals(attribute(session, "pointwire.reason"), closed.reason);
    const { frames } = closed.points as PointsCounters;
    assertEquals(Number(attribute(session, "pointwire.frames")), frames);
    assertEquals(connect.endTimeUnixNano, session.startTimeUnixNano);
    assert(
      BigInt(session.endTimeUnixNano) > BigInt(session.startTimeUnixNano),
    );
    const watch = named("POST /whep/:id");
    assertEquals(attribute(watch, "http.response.status_code"), "404");
  },
);
