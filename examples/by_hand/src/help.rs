//! The help.

/// A command: its name, an example, what it does in a few words, and a further sentence.
struct Topic {
    name: &'static str,
    usage: &'static str,
    does: &'static str,
    more: &'static str,
}

/// The headings of the help, and the commands below them.
const SECTIONS: [(&str, &[Topic]); 3] = [
    ("Start a coroutine:", &STARTS),
    ("Be the scheduler:", &ACTS),
    ("See, and leave:", &VIEWS),
];

const STARTS: [Topic; 7] = [
    Topic {
        name: "square",
        usage: "square 4",
        does: "says when it starts, and when it finishes 3 seconds later: 16",
        more: "Without a wait in the middle, one `send` would run it to its end.",
    },
    Topic {
        name: "cube",
        usage: "cube 3",
        does: "says when it starts, and awaits square 3 before it finishes: 27",
        more: "Two of them take no longer than one, if you send to both before you wait.",
    },
    Topic {
        name: "animals",
        usage: "animals",
        does: "async_for! over a remote container, which sends page by page",
        more: "While a page is on its way, others may run. Drop it half-way, too.",
    },
    Topic {
        name: "store",
        usage: "store",
        does: "async_with! on a database, in which it stores the animals",
        more: "\
Once it has a connection, `cancel` and `drop` are no longer the same: try both.
However the body of async_with! ends, the goodbye to the database is awaited.",
    },
    Topic {
        name: "turns",
        usage: "turns 3",
        does: "lets the others run, 3 times",
        more: "It waits for no time: it may always go on, but asks you to be fair.",
    },
    Topic {
        name: "fail",
        usage: "fail",
        does: "as store, but a page of the animals cannot be fetched",
        more: "The `?` leaves async_with!, whose exit is awaited before the error is returned.",
    },
    Topic {
        name: "panic",
        usage: "panic",
        does: "panics in the body of async_with!, connected to the database",
        more: "The exit is awaited even now; then the panic goes on.",
    },
];

const ACTS: [Topic; 5] = [
    Topic {
        name: "send",
        usage: "send 1",
        does: "tell coroutine 1 what time it is: it goes on to its next wait",
        more: "\
The first `send` starts it. It runs until it waits, and nobody else meanwhile.
`send 1 anyway` sends before the time: it looks at the clock, and asks again.
Executors call that a spurious poll, and it does no harm.",
    },
    Topic {
        name: "wait",
        usage: "wait",
        does: "let time go by until somebody may continue; `wait 2`: 2 seconds",
        more: "The clock is yours: it stands still until you say so.",
    },
    Topic {
        name: "cancel",
        usage: "cancel 1",
        does: "stop it in good order: what it has entered is exited",
        more: "\
The exit of each async_with! takes its time, as everything else does: wait, and
send to it, until it has ended.",
    },
    Topic {
        name: "drop",
        usage: "drop 1",
        does: "throw it away as it is, with all it holds",
        more: "\
That is at once, so nothing can be awaited: a server finds out by itself that
nobody is there any more. Most executors abort tasks so.",
    },
    Topic {
        name: "run",
        usage: "run",
        does: "let a real scheduler run the rest: it does what you did",
        more: "\
Each coroutine becomes a task of an `Executor::with_virtual_clock`. One that is
half-way through goes on where it is.",
    },
];

const VIEWS: [Topic; 4] = [
    Topic {
        name: "list",
        usage: "list",
        does: "who is there, and waits for what (Enter alone does it, too)",
        more: "It shows those that have ended, too.",
    },
    Topic {
        name: "timeline",
        usage: "timeline",
        does: "who ran when; `timeline FILE.svg` draws it",
        more: "Each coroutine has a column of its own, and time goes down.",
    },
    Topic {
        name: "help",
        usage: "help",
        does: "this; `help send` tells more of `send`, and so on",
        more: "You have found it.",
    },
    Topic {
        name: "quit",
        usage: "quit",
        does: "leave, in good order (so do Ctrl-D and Ctrl-C)",
        more: "\
Those that have not ended are cancelled, and their exits are awaited. In the
midst of a line, Ctrl-C only throws away the line.",
    },
];

fn topics() -> impl Iterator<Item = &'static Topic> {
    SECTIONS.iter().flat_map(|(_, topics)| *topics)
}

/// The names of all commands.
pub fn names() -> impl Iterator<Item = &'static str> {
    topics().map(|topic| topic.name)
}

/// The help on all commands, or more on one.
pub fn text(name: Option<&str>) -> Vec<String> {
    let topic = name.and_then(|name| topics().find(|topic| topic.name == name));
    match topic {
        Some(topic) => vec![
            format!("{}: {}.", topic.usage, topic.does),
            topic.more.to_owned(),
        ],
        None => SECTIONS.iter().flat_map(section).collect(),
    }
}

fn section((heading, topics): &(&str, &[Topic])) -> Vec<String> {
    let rows = topics
        .iter()
        .map(|topic| format!("  {:10}{}", topic.usage, topic.does));
    [(*heading).to_owned()].into_iter().chain(rows).collect()
}
