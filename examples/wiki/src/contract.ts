import type { Environ } from "@tsgi/core";
import type { Store } from "./store/store.ts";

/** What the store's filter tells the apps behind it. */
export interface Wiki {
  readonly store: Store;
  readonly title: string;
  /** Where the wiki begins: what stands in front of every path of its own. */
  readonly root: string;
}

declare module "@tsgi/core" {
  interface Environ {
    wiki: Wiki;
  }
}

// Express's requests, as fromListener hands them over
declare global {
  namespace Express {
    interface Request {
      environ: Environ;
    }
  }
}
