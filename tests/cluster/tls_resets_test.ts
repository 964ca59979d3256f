import { outliveTlsResets } from "../../lib/cluster/tls_resets.ts";
import { pause, testWith } from "../support.ts";

testWith(
  [],
  "An ECONNRESET that nobody takes doesn't end the program",
  async () => {
    using _ = outliveTlsResets();
    const reset = { code: "ECONNRESET", syscall: "read" };
    setTimeout(() => {
      throw Object.assign(new Error("read ECONNRESET"), reset);
    });
    // Without it the test run would end here.
    await pause(50);
  },
  { sanitizeOps: false, sanitizeResources: false },
);
