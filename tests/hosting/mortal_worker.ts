/** A Worker with sessions that dies of an offer from one address. */
import type {
  CallMessage,
  WorkerSettings,
} from "../../lib/hosting/worker_messages.ts";
import "../../lib/hosting/session_worker.ts";
import { DEADLY_ADDRESS } from "./deadly_address.ts";

addEventListener("message", (event) => {
  const { data } = event as MessageEvent<CallMessage | WorkerSettings>;
  if (!("args" in data)) return;
  const [request] = data.args;
  if (typeof request !== "object" || !("remote" in request)) return;
  if (request.remote === DEADLY_ADDRESS) self.close();
});
