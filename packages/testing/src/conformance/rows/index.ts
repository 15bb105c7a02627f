import type { Row } from "../row.ts";
import { startResponse } from "./start-response.ts";

/** The table of rows, topic by topic. */
export const rows: readonly Row[] = [...startResponse];
