"""The hello workload as WSGI and ASGI apps: method and path are read, as by every other server."""

HELLO = b"Hello World"


def wsgi(environ, start_response):
    if environ["REQUEST_METHOD"] != "GET" or environ["PATH_INFO"] != "/":
        start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "8")])
        return [b"not here"]
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "11")])
    return [HELLO]


async def asgi(scope, receive, send):
    found = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == "/"
    body = HELLO if found else b"not here"
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})
