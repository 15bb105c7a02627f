export { hono as default } from "../hono.ts";
