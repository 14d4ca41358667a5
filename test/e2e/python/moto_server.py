"""Runs moto on a free port of the loopback interface, prints the port, and ends when its standard input ends."""

import logging
import os
import sys
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


def end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


moto = DomainDispatcherApplication(create_backend_app)
lock = threading.Lock()


def one_at_a_time(environ, start_response):
    """moto checks the conditions of a transaction and writes it in two steps, which another thread may come between."""
    with lock:
        return moto(environ, start_response)


logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", 0, one_at_a_time, threaded=True)
threading.Thread(target=end_with_parent, daemon=True).start()
print(server.port, flush=True)
sys.stdout.close()
server.serve_forever()
