"""Runs the local AWS until its standard input ends.

Whoever started it holds the other end and never writes to it. When that process ends, however it ends, the input ends
too, and so does this one with all its workers: nothing is left behind, and no port stays taken.
"""

import os
import runpy
import shutil
import signal
import sys
import threading
import time


def end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(8)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = ["ministack"]
try:
    runpy.run_module("ministack.app", run_name="__main__")
finally:
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
