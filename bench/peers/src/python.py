"""The same work in Python.

`python3 -c … LOOP WORK TURNS` prints the checksum and the nanoseconds.
"""

import asyncio
import sys
import threading
import time


async def yields_itself(turns):
    total = 0
    for turn in range(turns):
        await asyncio.sleep(0)
        total += turn
    return total


async def yields(tasks, turns):
    spawned = [asyncio.create_task(yields_itself(turns // tasks)) for _ in range(tasks)]
    return sum([await task for task in spawned])


async def itself(turn):
    return turn


async def spawns_and_joins(turns):
    total = 0
    for begin in range(0, turns, 1000):
        spawned = [asyncio.create_task(itself(turn)) for turn in range(begin, begin + 1000)]
        total += sum([await task for task in spawned])
    return total


async def spawns_and_awaits(turns):
    total = 0
    for turn in range(turns):
        total += await asyncio.create_task(itself(turn))
    return total


class Slot:
    """A place where one task puts a value for another."""

    def __init__(self):
        self.value = None
        self.waiter = None

    def put(self, value):
        self.value = value
        if self.waiter:
            self.waiter.set_result(None)
            self.waiter = None

    async def take(self):
        while self.value is None:
            self.waiter = asyncio.get_running_loop().create_future()
            await self.waiter
        value, self.value = self.value, None
        return value


async def hands_over(turns):
    there, back = Slot(), Slot()

    async def answers():
        for _ in range(turns):
            back.put(await there.take() + 1)

    async def asks():
        total = 0
        for turn in range(turns):
            there.put(turn)
            total += await back.take()
        return total

    answering, asking = asyncio.create_task(answers()), asyncio.create_task(asks())
    await answering
    return await asking


async def cube(x):
    return x * x * x


async def gathers(turns):
    return sum(await asyncio.gather(*map(cube, range(turns)))) % 2**64


async def arms_and_cancels(turns):
    loop = asyncio.get_running_loop()
    for begin in range(0, turns, 10_000):
        batch = range(begin, min(turns, begin + 10_000))
        timers = [loop.call_later(3600 + turn * 7919 % 10007 / 1000, print) for turn in batch]
        for timer in timers:
            timer.cancel()
    return turns


async def yields_beside_a_timer(turns):
    timer = asyncio.get_running_loop().call_later(3600, print)
    total = await yields(1, turns)
    timer.cancel()
    return 1 + total


async def calls_another_thread(turns):
    loop = asyncio.get_running_loop()
    called = threading.Semaphore(0)
    waiters = []

    def answer():
        for _ in range(turns):
            called.acquire()
            loop.call_soon_threadsafe(waiters.pop().set_result, None)

    other = threading.Thread(target=answer)
    other.start()
    for _ in range(turns):
        waiter = loop.create_future()
        waiters.append(waiter)
        called.release()
        await waiter
    other.join()
    return turns


async def fires(turns):
    async def timer(turn):
        seconds = (1000 + turn * 137) / 1e6
        begun = time.perf_counter_ns()
        await asyncio.sleep(seconds)
        return abs(time.perf_counter_ns() - begun - seconds * 1e9)

    spawned = [asyncio.create_task(timer(turn)) for turn in range(turns)]
    return turns, int(sum([await task for task in spawned]))


async def timed(work, turns):
    if work is not fires:
        await work(turns)  # to warm up
    begun = time.perf_counter_ns()
    result = await work(turns)
    elapsed = time.perf_counter_ns() - begun
    return result if isinstance(result, tuple) else (result, elapsed)


WORK = {
    "block_on": yields_itself,
    "yield 1": lambda turns: yields(1, turns),
    "yield, timer": yields_beside_a_timer,
    "yield 1000": lambda turns: yields(1000, turns),
    "spawn + join": spawns_and_joins,
    "spawn, await": spawns_and_awaits,
    "ping-pong": hands_over,
    "gather": gathers,
    "timer set": arms_and_cancels,
    "timer off": fires,
    "wake": calls_another_thread,
}


def new_loop(name):
    if name == "uvloop":
        import uvloop

        return uvloop.new_event_loop()
    return asyncio.new_event_loop()


def main():
    _, loop, work, turns = sys.argv
    with asyncio.Runner(loop_factory=lambda: new_loop(loop)) as runner:
        print(*runner.run(timed(WORK[work], int(turns))))


main()
