import type { Row } from "../row.ts";
import { bodiless } from "./bodiless.ts";
import { body } from "./body.ts";
import { cleanUp } from "./clean-up.ts";
import { connection } from "./connection.ts";
import { dictionary } from "./dictionary.ts";
import { disconnect } from "./disconnect.ts";
import { environ } from "./environ.ts";
import { fetch } from "./fetch.ts";
import { head } from "./head.ts";
import { input } from "./input.ts";
import { inputEdges } from "./input-edges.ts";
import { refusals } from "./refusals.ts";
import { startResponse } from "./start-response.ts";
import { streaming } from "./streaming.ts";

/** The table of rows, topic by topic. */
export const rows: readonly Row[] = [
  ...environ,
  ...dictionary,
  ...input,
  ...inputEdges,
  ...startResponse,
  ...refusals,
  ...head,
  ...body,
  ...bodiless,
  ...streaming,
  ...cleanUp,
  ...disconnect,
  ...connection,
  ...fetch,
];
