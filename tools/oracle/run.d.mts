export type Kind = "validate" | "handler" | "util" | "ini";
export interface Result {
  kind: Kind;
  id: string;
  ok: boolean;
  differences: string[];
  detail: string;
}
export function runOracle(core: object, directory: string, deploy?: object): Promise<Result[]>;
export function runCases(core: object, kind: Kind, tests: readonly object[]): Promise<Result[]>;
export function statedDifferences(): { kind: Kind; id: string; reason: string | undefined }[];
export function reportOf(results: readonly Result[]): string;
