// The part of hosts' packages that the documentation uses; they bring no types of their own.

declare module "express" {
  type RequestHandler = (
    req: import("node:http").IncomingMessage,
    res: import("node:http").ServerResponse,
    next: (error?: unknown) => void,
  ) => void;
  type ErrorRequestHandler = (
    error: Error,
    req: import("node:http").IncomingMessage,
    res: import("node:http").ServerResponse & { status(code: number): { send(text: string): void } },
    next: (error?: unknown) => void,
  ) => void;
  // of a route's handler the pages use these
  type RouteHandler = (
    req: import("node:http").IncomingMessage & { params: Record<string, string>; originalUrl: string },
    res: import("node:http").ServerResponse & { send(text: string): void },
  ) => void;
  interface Server {
    (req: import("node:http").IncomingMessage, res: import("node:http").ServerResponse): void;
    use(...handlers: (RequestHandler | ErrorRequestHandler)[]): Server;
    use(path: string, ...handlers: (RequestHandler | ErrorRequestHandler)[]): Server;
    get(path: string, handler: RouteHandler): Server;
    listen(port: number, ready?: () => void): import("node:http").Server;
  }
  const express: { (): Server; json(): RequestHandler };
  export default express;
  export type { RequestHandler, ErrorRequestHandler };
}

declare module "express-session" {
  const session: (options: {
    secret: string;
    resave: boolean;
    saveUninitialized: boolean;
  }) => import("express").RequestHandler;
  export default session;
}
