// https://srvx.h3.dev/guide/node, with Node's own Response
import { serveSrvx } from "../srvx.mjs";

await serveSrvx(Response);
