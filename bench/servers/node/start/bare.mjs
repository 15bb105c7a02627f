import { createServer } from "node:http";
import { ready } from "../../process.mjs";

const server = createServer((req, res) => {
  res.writeHead(200, { "content-type": "text/plain", "content-length": 11 });
  res.end("Hello World");
});
server.listen(0, "127.0.0.1", () => ready(server.address().port));
