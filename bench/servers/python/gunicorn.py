"""gunicorn, one worker: it is measured on one core. Threads, since its plain worker keeps no connection alive."""
import json
import os
import socket
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[0] = os.path.join(here, "apps")
from gunicorn.app.base import BaseApplication
from hello import wsgi


class Server(BaseApplication):
    def load_config(self):
        self.cfg.set("bind", "127.0.0.1:%d" % port)
        self.cfg.set("workers", 1)
        self.cfg.set("threads", 4)
        self.cfg.set("when_ready", lambda arbiter: print(json.dumps({"port": port}), flush=True))

    def load(self):
        return wsgi


# gunicorn does not say which port it was given for 0
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
Server().run()
