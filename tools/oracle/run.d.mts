export interface Result {
  kind: "validate" | "handler" | "util";
  id: string;
  ok: boolean;
  differences: string[];
  detail: string;
}
export function runOracle(core: object, directory: string): Promise<Result[]>;
export function reportOf(results: readonly Result[]): string;
