//! The executors that run on this machine, and the work they do.

use forwith_bench::ours::{self, Ours};
use forwith_bench::runner::{Peer, Runner, Timers};
use forwith_bench::work::entry::{self, Entry};

use super::{blocking, floor, rings, small, tokios};

/// All entries that run on this machine, and a sentence about each executor that does not.
pub fn all() -> Roll {
    call(None)
}

/// The entries of one executor. The others are not even asked whether they run: some start threads,
/// and from then on the allocator locks for all.
pub fn only(peer: &str) -> Vec<Entry> {
    call(Some(peer)).entries
}

/// The work of each executor.
#[derive(Default)]
pub struct Roll {
    pub entries: Vec<Entry>,
    /// A sentence about each executor that does not run here.
    pub missing: Vec<String>,
}

fn call(only: Option<&str>) -> Roll {
    let mut call = Call {
        only,
        roll: Roll::default(),
    };
    call.add::<floor::Turns>(floor::entries);
    call.add::<Ours>(ours::entries);
    call.timed::<tokios::LocalSet>();
    call.timed::<tokios::LocalRuntime>();
    call.peer::<small::AsyncLocalExecutor>();
    call.timed::<small::Nio>();
    call.timed::<rings::Monoio>();
    call.timed::<rings::Glommio>();
    call.peer::<small::AsyncExecutor>();
    call.timed::<small::Smol>();
    call.peer::<small::LocalPool>();
    call.add::<blocking::Futures>(entry::runner::<blocking::Futures>);
    call.add::<blocking::FuturesLite>(entry::runner::<blocking::FuturesLite>);
    call.add::<blocking::Pollster>(entry::runner::<blocking::Pollster>);
    call.roll
}

struct Call<'a> {
    /// The only executor to call, if not all are.
    only: Option<&'a str>,
    roll: Roll,
}

impl Call<'_> {
    fn timed<P: Timers>(&mut self) {
        self.add::<P>(|| {
            [
                entry::runner::<P>(),
                entry::peer::<P>(),
                entry::timers::<P>(),
            ]
            .concat()
        });
    }

    fn peer<P: Peer>(&mut self) {
        self.add::<P>(|| [entry::runner::<P>(), entry::peer::<P>()].concat());
    }

    fn add<R: Runner>(&mut self, entries: impl FnOnce() -> Vec<Entry>) {
        if self.only.is_some_and(|only| only != R::NAME) {
            return;
        }
        match R::refusal() {
            None => self.roll.entries.extend(entries()),
            Some(reason) => self
                .roll
                .missing
                .push(format!("{} does not run here: {reason}.", R::NAME)),
        }
    }
}
