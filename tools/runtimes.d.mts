import type { ChildProcess } from "node:child_process";

export type RuntimeName = "node" | "bun" | "deno" | "workers";

export const ROOT: string;
export const RUNTIMES: readonly RuntimeName[];
export function binary(runtime: RuntimeName): string;
export function command(
  runtime: Exclude<RuntimeName, "workers">,
  file: string,
  ...args: string[]
): { file: string; args: string[]; env: NodeJS.ProcessEnv };
export function environment(): NodeJS.ProcessEnv;
export function bundleWorker(entry: string, outfile: string, options?: Record<string, unknown>): Promise<unknown>;
export function startWorkerd(
  entry: string,
  options?: { port?: number; bindings?: Record<string, string> },
): Promise<{ child: ChildProcess; port: Promise<number>; exited: Promise<number | null> }>;
