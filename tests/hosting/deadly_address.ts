/** An offer from here ends the Worker of `mortal_worker.ts` (RFC 5737). */
export const DEADLY_ADDRESS = "192.0.2.66";
