import type { App, ErrorLog, Limits } from "@tsgi/core";
import { errorLog } from "./conformance/observe.ts";
import { router } from "./conformance/router.ts";

/** What a server under test is given: small limits, so that a row can reach them, and a log that the client can read. */
export const options: { limits: Partial<Limits>; errorLog: ErrorLog } = {
  limits: {
    body: 1024 * 1024,
    headers: 200,
    headerBytes: 32 * 1024,
    drain: 256 * 1024,
    drainTime: 1000,
    write: 64 * 1024,
  },
  errorLog,
};

/** All apps of the conformance kit behind one door. */
const app: App = router;
export default app;
