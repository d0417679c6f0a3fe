"""Runs the Python of chapters of the guide: all blocks of a chapter in one namespace, by a clock that only waiting moves."""

import asyncio
import contextlib
import gc
import io
import pathlib
import re
import selectors
import sys
import time
import warnings

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)

now = 0


def sleep(seconds):
    """Stands in for `time.sleep`."""
    global now
    now += seconds


class Selector(selectors.DefaultSelector):
    """Where an event loop would wait for its next timer, it gets there at once."""

    def select(self, timeout=None):
        if timeout is None:
            return super().select(None)
        sleep(timeout)
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        super().__init__(Selector())
        self._clock_resolution = 1e-6  # sums of floats are not exact

    def time(self):
        return now


def run_loop(main):
    """Stands in for `asyncio.run`."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(main)


def blocks(text):
    """Each block, at the line where it stands in the chapter."""
    for block in BLOCK.finditer(text):
        yield "\n" * text.count("\n", 0, block.start(1)) + block.group(1)


def run(chapter):
    global now
    now = 0
    found = list(blocks(chapter.read_text(encoding="utf-8")))
    namespace = {"__name__": "__main__"}
    complaints = []
    sys.unraisablehook = lambda complaint: complaints.append(complaint.exc_value)
    for block in found:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(block, str(chapter), "exec"), namespace)
    namespace.clear()  # a coroutine that was never awaited complains when it goes
    gc.collect()
    for complaint in complaints:
        raise complaint
    return len(found)


if __name__ == "__main__":
    time.sleep = sleep
    time.monotonic = lambda: now
    asyncio.run = run_loop
    warnings.simplefilter("error")
    print(sum(run(pathlib.Path(argument)) for argument in sys.argv[1:]))
