/** One request of a case. */
export interface CaseRequest {
  environ?: Record<string, string | null>;
  input?: string;
}
export interface CaseOperation {
  op: string;
  uri?: string;
  name?: string;
  relative_to?: string | null;
  global_conf?: Record<string, string>;
  requests?: CaseRequest[];
  mentions?: string[];
  loose?: string;
}
export function respond(core: object, app: unknown, request: CaseRequest): Promise<object>;
export function errorOf(error: unknown): { category: string; message: string };
export function difference(op: CaseOperation, want: unknown, got: unknown): string;
