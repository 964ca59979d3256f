import {
  type Context,
  context,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { withLayer } from "./layer.ts";
import type {
  Answered,
  PublishRequest,
  SessionHost,
  WatchRequest,
} from "./session_host.ts";
import type { ByeCode } from "../wire/messages.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";

/**
 * Makes a host whose work OpenTelemetry hears of, where Deno has it on: a span
 * `offer` for each offer, and in the same trace `connect` until the session is
 * connected, or isn't, and `session` for its life.
 */
export function traceHost(host: SessionHost): SessionHost {
  return withLayer(host, new TraceLayer(host));
}

class TraceLayer implements Pick<SessionHost, "publish" | "watch"> {
  readonly #host: SessionHost;
  readonly #tracer: Tracer = trace.getTracer("pointwire");
  /** Where the offer of each session that lives stands in its trace. */
  readonly #offers = new Map<string, Context>();

  constructor(host: SessionHost) {
    this.#host = host;
    host.subscribe({
      onConnected: (session) => this.#connected(session),
      onClosed: (...end) => this.#closed(...end),
    });
  }

  publish(request: PublishRequest, posted?: MessagePort): Promise<Answered> {
    const { remote } = request;
    return this.#offer({ role: "publish", remote }, async (span) => {
      const answered = await this.#host.publish(request, posted);
      span.setAttribute("pointwire.session", answered.id);
      if (answered.name) span.setAttribute("pointwire.name", answered.name);
      if (span.isRecording()) this.#offers.set(answered.id, context.active());
      return answered;
    });
  }

  watch(request: WatchRequest): Promise<Answered> {
    const { remote, session } = request;
    return this.#offer({ role: "watch", remote }, async (span) => {
      span.setAttribute("pointwire.session", session);
      const answered = await this.#host.watch(request);
      span.setAttribute("pointwire.watcher", answered.id);
      return answered;
    });
  }

  /** Runs `work` in a span that says how it ended. */
  #offer(
    { role, remote }: { role: "publish" | "watch"; remote: string },
    work: (span: Span) => Promise<Answered>,
  ): Promise<Answered> {
    const attributes = { "pointwire.role": role, "client.address": remote };
    return this.#tracer.startActiveSpan(
      "offer",
      { attributes },
      async (span) => {
        try {
          return await work(span);
        } catch (error) {
          fail(span, error instanceof Error ? error.message : String(error));
          throw error;
        } finally {
          span.end();
        }
      },
    );
  }

  #connected({ id, createdAt, connectedAt, remoteAddress }: SessionSnapshot) {
    const span = this.#start("connect", id, {
      startTime: new Date(createdAt),
      attributes: { "network.peer.address": remoteAddress ?? undefined },
    });
    span?.end(connectedAt === null ? undefined : new Date(connectedAt));
  }

  #closed(session: SessionSnapshot, reason: string, code: ByeCode) {
    const { id, createdAt, connectedAt, points, video, audio } = session;
    const end = { "pointwire.reason": reason, "pointwire.code": code };
    if (connectedAt === null) {
      const span = this.#start("connect", id, {
        startTime: new Date(createdAt),
        attributes: end,
      });
      if (span) fail(span, reason);
      span?.end();
    } else {
      this.#start("session", id, {
        startTime: new Date(connectedAt),
        attributes: {
          ...end,
          "network.peer.address": session.remoteAddress ?? undefined,
          "pointwire.frames": points.frames,
          "pointwire.points": points.points,
          "pointwire.frames_skipped": points.skipped,
          "pointwire.messages_invalid": points.invalid,
          "pointwire.video_frames": video.frames,
          "pointwire.audio_frames": audio.frames,
        },
      })?.end();
    }
    this.#offers.delete(id);
  }

  /** Starts a span in the trace of a session's offer, where it has one. */
  #start(
    name: string,
    session: string,
    { attributes, ...options }: SpanOptions,
  ): Span | undefined {
    const offer = this.#offers.get(session);
    if (offer === undefined) return undefined;
    return this.#tracer.startSpan(name, {
      ...options,
      attributes: { ...attributes, "pointwire.session": session },
    }, offer);
  }
}

function fail(span: Span, message: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
