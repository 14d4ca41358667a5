"""Runs the local AWS until its standard input ends.

Whoever started it holds the other end and never writes to it. When that process ends, however it ends, the input ends
too, and so does this one with all its workers: nothing is left behind, and no port stays taken.
"""

import inspect
import os
import runpy
import shutil
import signal
import sys
import textwrap
import threading
import time

from ministack.core import lambda_runtime


def end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(8)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def keep_after_errors() -> None:
    """Lets a function's process live on when its handler throws, as Lambda does; MiniStack 1.5.33 ends it with every error.

    Only what a handler throws comes with a trace. A process that ended by itself has none, nor has one that did not load the
    code; and one that takes too long never gets there.
    """
    invoke = textwrap.dedent(inspect.getsource(lambda_runtime.Worker.invoke))
    ends, kept = 'if response.get("status") == "error":', 'if response.get("status") == "error" and "trace" not in response:'
    if invoke.count(ends) != 1:
        raise RuntimeError("this MiniStack ends the processes of functions in another way: see keep_after_errors")
    patched = {}
    exec(compile(invoke.replace(ends, kept), lambda_runtime.__file__, "exec"), vars(lambda_runtime), patched)
    lambda_runtime.Worker.invoke = patched["invoke"]


keep_after_errors()
threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = ["ministack"]
try:
    runpy.run_module("ministack.app", run_name="__main__")
finally:
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
