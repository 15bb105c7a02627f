// https://srvx.h3.dev/guide/server
import { serveSrvx } from "../srvx.mjs";

await serveSrvx(Response);
