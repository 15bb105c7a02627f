import { serve } from "@tsgi/deno";
import { ready } from "../../process.mjs";

const hello = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["Hello World"];
};
const server = await serve(hello, { port: 0 });
ready(server.address.port);
