#!/usr/bin/env python3
"""Writes random programs of resources, loops and jumps, each with the trace that it must leave.

    cd tests/expansions/random_programs
    python3 generate.py SEED COUNT > programs.rs
    cargo fmt --all

The trace comes from an interpreter of the same programs, below. It knows what the macros promise, but
not how they keep it.
"""

import random
import sys

LONGEST_TRACE = 300


class Generator:
    """Makes one program: a list of statements, which are tuples that begin with their kind."""

    def __init__(self):
        self.sites = 0
        self.open_scopes = 0
        self.resources = 0

    def site(self):
        self.sites += 1
        return self.sites

    def block(self, depth, around):
        return [self.statement(depth, around) for _ in range(random.randrange(1, 4))]

    def statement(self, depth, around):
        """`around` lists the ("loop", label) and ("block", label) that enclose the statement."""
        kind = random.random()
        if depth == 0 or kind < 0.12:
            return ("log", self.site())
        if kind < 0.42:
            return self.scope(depth, around)
        if kind < 0.56:
            return self.loop(depth, around)
        if kind < 0.62:
            label = f"b{len(around)}"
            return ("block", label, self.block(depth - 1, around + [("block", label)]))
        if kind < 0.68:
            return ("hold", self.site())
        if kind < 0.73 and self.open_scopes:
            return ("mark", self.site(), random.randrange(1, 4))
        return self.jump(around)

    def scope(self, depth, around):
        numbers = []
        for _ in range(random.choice([1, 1, 2])):
            self.resources += 1
            numbers.append(self.resources)
        self.open_scopes += 1
        body = self.block(depth - 1, around)
        self.open_scopes -= 1
        return ("scope", numbers, body)

    def loop(self, depth, around):
        form = random.choice(["for", "while", "loop", "async_for", "concurrent", "collect"])
        label, turns, site = f"l{len(around)}", random.randrange(1, 4), self.site()
        body = self.block(depth - 1, around + [("loop", label)])
        return ("loop", form, label, turns, site, body)

    def jump(self, around):
        ways = [("return",), ("fail",), ("question",), ("panic",)]
        ways += [("break", label) for _, label in around] * 2
        ways += [("continue", label) for kind, label in around if kind == "loop"] * 2
        if around and around[-1][0] == "loop":
            ways += [("break", None), ("continue", None)] * 2
        way = random.choice(ways)
        is_marked = way[0] not in ["fail", "question"] and self.open_scopes and random.random() < 0.2
        return ("jump", way, self.site(), random.randrange(1, 4), is_marked)


def code(block):
    return "\n".join(map(statement_code, block))


def statement_code(statement):
    match statement:
        case ("log", site):
            return f'log("at {site}"); yield_once().await;'
        case ("hold", site):
            return f"let _held{site} = Held({site});"
        case ("scope", numbers, body):
            items = [random.choice([f"open({n})", f"open({n}) as _r{n}"]) for n in numbers]
            return f"async_with!({', '.join(items)}, {{ {code(body)} }})?;"
        case ("block", label, body):
            return f"'{label}: {{ {code(body)} }}"
        case ("loop", form, label, turns, site, body):
            return loop_code(form, label, turns, f"turn{site}", code(body))
        case ("mark", site, at):
            return f"if hit({site}, {at}) {{ {random.choice(MARKS)} }}"
        case ("jump", way, site, at, is_marked):
            return f"if hit({site}, {at}) {{ {jump_code(way, site, is_marked)} }}"


# Different ways to mark the innermost body.
MARKS = [
    "mark_failed!();",
    "forwith::mark_failed!();",
    "let mark = move || mark_failed!(); mark();",
    "async { yield_once().await; mark_failed!() }.await;",
    "tokio::select! { () = yield_once() => mark_failed!() }",
]


def loop_code(form, label, turns, turn, body):
    match form:
        case "for":
            return f"'{label}: for _ in 0..{turns} {{ {body} }}"
        case "while":
            head = f"'{label}: while {{ {turn} += 1; {turn} <= {turns} }}"
            return f"let mut {turn} = 0; {head} {{ {body} }}"
        case "loop":
            end = f"{turn} += 1; if {turn} > {turns} {{ break; }}"
            return f"let mut {turn} = 0; '{label}: loop {{ {end} {body} }}"
        case "async_for":
            return f"async_for!('{label}: for _ in iter(0..{turns}) {{ {body} }});"
        # One body at once does what a plain loop does.
        case "concurrent":
            loop = f"'{label}: for _ in iter(0..{turns}) {{ {body} }}"
            return f"async_for!(#[concurrent(1)] {loop});"
        case "collect":
            loop = f"'{label}: for {turn} in iter(0..{turns}) {{ {body} {turn} }}"
            gives = f"let values = async_for!(#[concurrent(1)] #[collect] {loop});"
            return f'{gives} log(format!("values {{values:?}}"));'


def jump_code(way, site, is_marked):
    mark = "mark_failed!(); " if is_marked else ""
    match way:
        case ("return",):
            return f"return mark_failed!(Ok({site}));" if is_marked else f"return Ok({site});"
        case ("fail",):
            return f'return Err("at {site}".into());'
        case ("question",):
            return f'Err(format!("at {site}"))?;'
        case ("panic",):
            return f'{mark}panic!("at {site}");'
        case (word, None):
            return f"{mark}{word};"
        case (word, label):
            return f"{mark}{word} '{label};"


class TooLong(Exception):
    pass


class World:
    """What a program has done so far."""

    def __init__(self):
        self.trace = []
        # How often each place was passed.
        self.hits = {}
        # For each open scope, innermost last, whether it is marked as failed.
        self.marks = []
        # Whether the jump that is under way has left a scope that was marked.
        self.jump_is_marked = False


def interpret(block, world):
    """Runs a block. Returns the jump that left it, or None."""
    trace = world.trace
    held = []
    way = None
    for statement in block:
        if len(trace) > LONGEST_TRACE:
            raise TooLong
        if statement[0] == "hold":
            held.append(statement[1])
        else:
            way = interpret_statement(statement, world)
        if way:
            break
    trace.extend(f"dropped {site}" for site in reversed(held))
    return way


def interpret_statement(statement, world):
    trace, hits = world.trace, world.hits
    match statement:
        case ("log", site):
            trace.append(f"at {site}")
        case ("scope", numbers, body):
            trace.extend(f"entered {n}" for n in numbers)
            world.marks.append(False)
            way = interpret(body, world)
            is_marked = world.marks.pop()
            if way:
                world.jump_is_marked |= is_marked
                is_marked = world.jump_is_marked
            outcome = {"fail": "Failed", "question": "Failed", "panic": "Panicked"}
            seen = outcome.get(way[0]) if way else None
            seen = seen or ("Failed" if is_marked else "Completed")
            trace.extend(f"exited {n}: {seen}" for n in reversed(numbers))
            return way
        case ("block", label, body):
            way = interpret(body, world)
            return None if way == ("break", label) else way
        case ("loop", form, label, turns, _, body):
            values = []
            for turn in range(turns):
                way = interpret(body, world)
                if way in [("break", None), ("break", label)]:
                    break
                if way and way not in [("continue", None), ("continue", label)]:
                    return way
                if not way:
                    values.append(turn)
            if form == "collect":
                trace.append(f"values {values}")
        case ("mark", site, at):
            hits[site] = hits.get(site, 0) + 1
            if hits[site] == at:
                world.marks[-1] = True
        case ("jump", way, site, at, is_marked):
            hits[site] = hits.get(site, 0) + 1
            if hits[site] == at:
                world.jump_is_marked = False
                if is_marked:
                    world.marks[-1] = True
                return way if len(way) == 2 else (way[0], site)
    return None


def result(way):
    match way:
        case None:
            return "Ok(0)"
        case ("return", site):
            return f"Ok({site})"
        case ("panic", site):
            return f"panicked at {site}"
        case (_, site):
            return f'Err("at {site}")'


def program():
    """A program as code, its result and its trace."""
    while True:
        generator = Generator()
        block = generator.block(5, [])
        world = World()
        try:
            way = interpret(block, world)
        except TooLong:
            continue
        if sum(line.startswith("entered") for line in world.trace) >= 3:
            return code(block), result(way), world.trace


def main():
    random.seed(int(sys.argv[1]))
    functions, table = [], []
    for number in range(int(sys.argv[2])):
        body, ending, trace = program()
        functions.append(f"async fn p{number}() -> Ended {{ {body} Ok(0) }}")
        lines = ", ".join(f'"{line}"' for line in trace)
        table.append(f'Program {{ run: || Box::pin(p{number}()), ending: r#"{ending}"#, trace: &[{lines}] }},')
    print("// Written by `generate.py`.\n")
    print("use super::*;\n")
    print("pub const PROGRAMS: &[Program] = &[" + "\n".join(table) + "];\n")
    print("\n\n".join(functions))


main()
