"""uvicorn.Server(config).serve(), on a socket of ours so that its port is known."""
import json
import os
import socket
import sys

sys.path[0] = os.path.join(os.path.dirname(os.path.abspath(__file__)), "apps")
import uvicorn
from hello import asgi

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(2048)  # before the line that says so
print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
uvicorn.Server(uvicorn.Config(asgi, access_log=False, log_level="warning")).run(sockets=[listener])
