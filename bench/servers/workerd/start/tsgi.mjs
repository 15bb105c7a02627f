import { toWorker } from "@tsgi/workers";

export default toWorker((environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["Hello World"];
});
