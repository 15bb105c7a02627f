import type { Row } from "../row.ts";
import { bodiless } from "./bodiless.ts";
import { body } from "./body.ts";
import { cleanUp } from "./clean-up.ts";
import { head } from "./head.ts";
import { input } from "./input.ts";
import { startResponse } from "./start-response.ts";

/** The table of rows, topic by topic. */
export const rows: readonly Row[] = [...startResponse, ...body, ...head, ...bodiless, ...cleanUp, ...input];
