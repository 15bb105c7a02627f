// An app to try the filter on.
export default function app(environ, startResponse) {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return [`Hello from ${environ["tsgi.runtime"]}\n`];
}
