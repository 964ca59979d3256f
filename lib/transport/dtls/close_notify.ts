import type { DtlsTransport } from "../werift/dtls_transport.ts";
import { ALERT, CONTENT } from "./protocol.ts";
import { RecordLink } from "./record_link.ts";

/** How often it is said: an alert is not sent again where it is lost. */
const TIMES = 2;

/**
 * Has a transport say that it ends (close_notify, RFC 5246 section 7.2.1), as
 * werift 0.25.2 doesn't. One who has no data channel would learn of it from
 * silence alone.
 */
export function notifyOfClose(transport: DtlsTransport): void {
  const link = new RecordLink(transport, () => {
    // It ends anyway.
  });
  transport.onStopping(() => {
    const alert = Uint8Array.of(ALERT.warning, ALERT.closeNotify);
    for (let i = 0; i < TIMES; i++) link.send(alert, { type: CONTENT.alert });
  });
}
