import { createRequire } from "node:module";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

// The hosts and their middleware are CommonJS without types: what of them is used here, as types.

const require = createRequire(import.meta.url);

export type Next = (error?: unknown) => void;
export type Handler = (req: HostRequest, res: ServerResponse, next: Next) => void;
export type ErrorHandler = (
  error: Error & { status?: number },
  req: HostRequest,
  res: ServerResponse,
  next: Next,
) => void;
export type HostRequest = IncomingMessage & { session?: Record<string, unknown>; user?: { id: string } };

export interface Express extends RequestListener {
  (req: IncomingMessage, res: ServerResponse): void;
  use(...handlers: Handler[]): this;
  use(handler: ErrorHandler): this;
  use(path: string, ...handlers: Handler[]): this;
}

interface ExpressModule {
  (): Express;
  Router(): Express & Handler;
  json(): Handler;
  urlencoded(options: { extended: boolean }): Handler;
  text(): Handler;
  raw(options: { type: string }): Handler;
}

export const hosts = (
  [
    ["express-4", "Express 4"],
    ["express", "Express 5"],
  ] as const
).map(([name, label]) => ({
  label,
  express: require(name) as ExpressModule,
  version: (require(`${name}/package.json`) as { version: string }).version,
}));

export const session = require("express-session") as (options: object) => Handler;
export const compression = require("compression") as (options?: object) => Handler;
export const morgan = require("morgan") as (
  format: string,
  options: { stream: { write(line: string): void } },
) => Handler;
type OnHeaders = (res: ServerResponse, listener: (this: ServerResponse) => void) => void;
export const onHeaders = [
  { version: "1.1", onHeaders: require("on-headers") as OnHeaders },
  { version: "1.0.2", onHeaders: require("on-headers-1.0") as OnHeaders },
];
