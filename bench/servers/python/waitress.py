"""waitress.serve(app), as its documentation has it."""
import json
import os
import sys

sys.path[0] = os.path.join(os.path.dirname(os.path.abspath(__file__)), "apps")
import waitress
from hello import wsgi

server = waitress.create_server(wsgi, host="127.0.0.1", port=0)
print(json.dumps({"port": int(server.effective_port)}), flush=True)
server.run()
