import type { ByeCode } from "../wire/messages.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import type {
  Answered,
  HostObserver,
  PublishRequest,
  SessionHost,
  WatchRequest,
  WorkerHealth,
} from "./session_host.ts";

/** A host that is another one with something added. */
export abstract class HostLayer implements SessionHost {
  protected readonly host: SessionHost;

  constructor(host: SessionHost) {
    this.host = host;
  }

  get health(): WorkerHealth | undefined {
    return this.host.health;
  }

  publish(request: PublishRequest): Promise<Answered> {
    return this.host.publish(request);
  }

  watch(request: WatchRequest): Promise<Answered> {
    return this.host.watch(request);
  }

  sessions(): Promise<SessionSnapshot[]> {
    return this.host.sessions();
  }

  session(id: string): Promise<SessionSnapshot> {
    return this.host.session(id);
  }

  endSession(id: string, reason: string, code: ByeCode): Promise<void> {
    return this.host.endSession(id, reason, code);
  }

  endWatcher(session: string, id: string, reason: string): Promise<void> {
    return this.host.endWatcher(session, id, reason);
  }

  subscribe(observer: HostObserver): Disposable {
    return this.host.subscribe(observer);
  }

  drain(reason: string, seconds: number): Promise<void> {
    return this.host.drain(reason, seconds);
  }

  close(reason: string): Promise<void> {
    return this.host.close(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("the server stopped");
  }
}
