// The part of hosts' packages that the documentation uses; they bring no types of their own.

declare module "express" {
  type Handler = (
    req: import("node:http").IncomingMessage,
    res: import("node:http").ServerResponse,
    next: (error?: unknown) => void,
  ) => void;
  type ErrorHandler = (
    error: Error,
    req: import("node:http").IncomingMessage,
    res: import("node:http").ServerResponse & { status(code: number): { send(text: string): void } },
    next: (error?: unknown) => void,
  ) => void;
  interface Server {
    (req: import("node:http").IncomingMessage, res: import("node:http").ServerResponse): void;
    use(...handlers: (Handler | ErrorHandler)[]): Server;
    use(path: string, ...handlers: (Handler | ErrorHandler)[]): Server;
    listen(port: number, ready?: () => void): import("node:http").Server;
  }
  const express: { (): Server; json(): Handler };
  export default express;
  export type { Handler };
}

declare module "express-session" {
  const session: (options: { secret: string; resave: boolean; saveUninitialized: boolean }) => import("express").Handler;
  export default session;
}
