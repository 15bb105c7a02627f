import type { Row } from "./row.ts";
export function wireRows(): Row[] {
  return [];
}
