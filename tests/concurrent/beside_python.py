"""The situations of `beside_python.rs`, on asyncio and on Trio, in virtual time.

Prints a line for each library and situation, and below it what happened, indented. A library that
is not there is left out.
"""

import asyncio

try:
    import trio
    import trio.testing
except ImportError:
    trio = None


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        select = self._selector.select

        def jump(timeout):
            if timeout is None:
                raise RuntimeError("all tasks wait for each other")
            self.now += timeout
            return select(0)

        self._selector.select = jump

    def time(self):
        return self.now


class OnAsyncio:
    Cancelled = asyncio.CancelledError
    sleep = staticmethod(asyncio.sleep)
    limiter = staticmethod(asyncio.Semaphore)

    @staticmethod
    def group():
        return asyncio.TaskGroup()

    @staticmethod
    def start(group, body, item):
        group.create_task(body(item))

    @staticmethod
    def now():
        return asyncio.get_running_loop().time()

    @staticmethod
    async def for_a_second(work):
        """Cancels the work from outside. Returns whether it has."""
        try:
            async with asyncio.timeout(1):
                await work
        except TimeoutError:
            return True
        return False

    @staticmethod
    async def values(items, body):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(body(item)) async for item in items]
        return [task.result() for task in tasks]

    @staticmethod
    def run(main):
        with asyncio.Runner(loop_factory=JumpingLoop) as runner:
            runner.run(main())


class OnTrio:
    if trio:
        Cancelled = trio.Cancelled
        sleep = staticmethod(trio.sleep)
        limiter = staticmethod(trio.Semaphore)

    @staticmethod
    def group():
        return trio.open_nursery()

    @staticmethod
    def start(group, body, item):
        group.start_soon(body, item)

    @staticmethod
    def now():
        return trio.current_time()

    @staticmethod
    async def for_a_second(work):
        with trio.move_on_after(1) as scope:
            await work
        return scope.cancelled_caught

    @staticmethod
    async def values(items, body):
        """A nursery gives no values: each task leaves its own."""
        values = []

        async def leave(item):
            values.append(await body(item))

        async with trio.open_nursery() as nursery:
            async for item in items:
                nursery.start_soon(leave, item)
        return values

    @staticmethod
    def run(main):
        clock = trio.testing.MockClock(autojump_threshold=0)
        trio.run(main, clock=clock, strict_exception_groups=True)


class Boom(Exception):
    pass


class Found(Exception):
    pass


class Run:
    """A situation on one of the libraries, and what has happened in it."""

    def __init__(self, on):
        self.on = on
        self.lines = []
        self.begun = None

    def note(self, what):
        now = self.on.now()
        self.begun = now if self.begun is None else self.begun
        self.lines.append(f"{round(now - self.begun)} s: {what}")

    async def noted(self, items):
        """Notes which items are fetched."""
        async for item in items:
            self.note(f"{item} is fetched")
            yield item

    async def loop(self, items, body):
        """A task for each item."""
        async with self.on.group() as group:
            async for item in items:
                self.on.start(group, body, item)

    async def end(self, loop):
        """Notes how the loop ends."""
        try:
            await loop
        except BaseExceptionGroup as group:
            self.note(f"loop fails: {', '.join(sorted(map(str, group.exceptions)))}")
        else:
            self.note("loop ends")


async def over(*items):
    for item in items:
        yield item


class Transaction:
    """A resource whose exit takes a second."""

    def __init__(self, run, name, exit_fails=False):
        self.run, self.name, self.exit_fails = run, name, exit_fails

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, error, trace):
        is_cancelled = kind is not None and issubclass(kind, self.run.on.Cancelled)
        why = "cancelled" if is_cancelled else "failed" if error else "completed"
        self.run.note(f"{self.name} exits: {why}")
        if self.exit_fails:
            raise Boom(f"exit of {self.name}")
        try:
            await self.run.on.sleep(1)
        except self.run.on.Cancelled:
            self.run.note(f"{self.name} is cut")
            raise
        self.run.note(f"{self.name} has exited")


async def first_failure(run):
    async def body(item):
        async with Transaction(run, item):
            await run.on.sleep(1 if item == 1 else 10)
            raise Boom(item)

    await run.end(run.loop(over(1, 2, 3), body))


async def two_failures_at_once(run):
    async def body(item):
        await run.on.sleep(1)
        run.note("a body fails")
        raise Boom("boom")

    await run.end(run.loop(over(1, 2), body))


async def failing_exit(run):
    async def body(item):
        async with Transaction(run, item, exit_fails=item == 2):
            await run.on.sleep(1 if item == 1 else 10)
            raise Boom(item)

    await run.end(run.loop(over(1, 2), body))


async def cancelled_from_outside(run):
    async def body(item):
        async with Transaction(run, item):
            await run.on.sleep(10)

    is_cancelled = await run.on.for_a_second(run.loop(over(1, 2), body))
    run.note("loop is cancelled" if is_cancelled else "loop ends")


async def value_found(run):
    async def body(item):
        if item == 1:
            async with Transaction(run, item):
                await run.on.sleep(10)
        await run.on.sleep(1)
        raise Found(item)

    try:
        await run.loop(over(1, 2), body)
    except* Found as found:
        run.note(f"loop gives {found.exceptions[0]}")


async def no_more_items(run):
    async def body(item):
        async with Transaction(run, item):
            await run.on.sleep(1)

    async def loop():
        async with run.on.group() as group:
            async for item in over(1, 2, 3):
                if item == 3:
                    break
                run.on.start(group, body, item)

    await run.end(loop())


async def limit(run):
    limiter = run.on.limiter(2)

    async def body(item):
        async with limiter:
            run.note(f"{item} begins")
            await run.on.sleep(1)

    await run.end(run.loop(run.noted(over(1, 2, 3, 4)), body))


async def items_behind_a_failure(run):
    limiter = run.on.limiter(1)

    async def body(item):
        async with limiter:
            await run.on.sleep(1)
            raise Boom("boom")

    items = run.noted(over(1, 2, 3))
    await run.end(run.loop(items, body))
    run.note(f"loop leaves {[item async for item in items]}")


async def failure_while_an_item_is_awaited(run):
    async def slow():
        try:
            yield 1
            await run.on.sleep(10)
            yield 2
        except run.on.Cancelled:
            run.note("source is cancelled")
            raise

    async def body(item):
        await run.on.sleep(1)
        raise Boom(item)

    items = slow()
    await run.end(run.loop(items, body))
    run.note(f"loop leaves {[item async for item in items]}")


async def order_of_values(run):
    async def body(item):
        await run.on.sleep(4 - item)
        return item

    values = await run.on.values(over(1, 2, 3), body)
    run.note(f"loop gives {values}")


SITUATIONS = [
    first_failure,
    two_failures_at_once,
    failing_exit,
    cancelled_from_outside,
    value_found,
    no_more_items,
    limit,
    items_behind_a_failure,
    failure_while_an_item_is_awaited,
    order_of_values,
]


def main():
    libraries = [("asyncio", OnAsyncio)] + ([("trio", OnTrio)] if trio else [])
    for name, library in libraries:
        for situation in SITUATIONS:
            run = Run(library)

            async def begin():
                run.begun = library.now()
                await situation(run)

            library.run(begin)
            print(f"{name} {situation.__name__}")
            for line in run.lines:
                print(f"    {line}")


main()
