//! Models of what other threads share with the arena: loom tries every order in which they can
//! meet.
//!
//! A thread that is not woken sleeps for ever, which loom calls a deadlock. Loom also finds a read
//! of what was not made visible before.

#![expect(
    clippy::undocumented_unsafe_blocks,
    reason = "whether it is shared well is the question"
)]

use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::{model, thread};

use super::inbox::{Inbox, Link, Linked};
use super::refs::Refs;

/// Checks a model of three threads: every order in which they are preempted at most three times.
/// Without a bound it would take minutes.
fn model_of_three(threads: impl Fn() + Sync + Send + 'static) {
    let mut model = model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(threads);
}

/// Something that is woken.
struct Node {
    link: Link<Node>,
    /// Written before the wake, by the one thread that wakes it.
    word: UnsafeCell<usize>,
    /// Written before a wake by any thread, and visible to the poll that follows.
    news: [AtomicUsize; 2],
}

unsafe impl Linked for Node {
    fn link(&self) -> &Link<Self> {
        &self.link
    }
}

/// An inbox and its tasks.
struct Tasks {
    inbox: Inbox<Node>,
    nodes: [Node; 2],
}

unsafe impl Send for Tasks {}
unsafe impl Sync for Tasks {}

impl Tasks {
    /// Tasks of this thread.
    fn new() -> Arc<Self> {
        let node = || Node {
            link: Link::new(),
            word: UnsafeCell::new(0),
            news: [AtomicUsize::new(0), AtomicUsize::new(0)],
        };
        Arc::new(Tasks {
            inbox: Inbox::new(thread::current()),
            nodes: [node(), node()],
        })
    }

    fn wake(&self, node: usize) {
        unsafe { self.inbox.push(NonNull::from(&self.nodes[node])) };
    }

    /// Writes news for a task without making them visible, and wakes it.
    fn tell(&self, node: usize, place: usize, news: usize) {
        self.nodes[node].news[place].store(news, Ordering::Relaxed);
        self.wake(node);
    }

    fn number(&self, node: NonNull<Node>) -> usize {
        usize::from(node != NonNull::from(&self.nodes[0]))
    }

    /// Rests and looks, as the loop of a run does, and passes on the numbers of the woken until
    /// that is enough.
    fn run_until(&self, mut poll: impl FnMut(usize) -> bool) {
        let (mut enough, mut came) = (false, false);
        while !enough {
            self.inbox.empty(|node| {
                came = true;
                enough |= poll(self.number(node));
            });
            if !came {
                thread::park();
            }
            came = false;
        }
    }

    /// Runs until the polls have seen all this news.
    fn run_until_seen(&self, expected: [[usize; 2]; 2]) {
        let mut seen = [[0; 2]; 2];
        self.run_until(|node| {
            for (seen, news) in seen[node].iter_mut().zip(&self.nodes[node].news) {
                *seen = news.load(Ordering::Relaxed);
            }
            seen == expected
        });
    }
}

/// Runs something on another thread.
fn elsewhere<T: Send + Sync + 'static>(
    what: &Arc<T>,
    run: impl FnOnce(&T) + Send + 'static,
) -> thread::JoinHandle<()> {
    let what = what.clone();
    thread::spawn(move || run(&what))
}

/// The threads are not joined: loom takes a late unpark for one of the join. It waits for them by
/// itself.
mod inbox {
    use super::{Tasks, elsewhere, model, model_of_three};

    #[test]
    fn a_poll_sees_what_was_written_before_the_wake() {
        model(|| {
            let tasks = Tasks::new();
            elsewhere(&tasks, |tasks| {
                tasks.nodes[0].word.with_mut(|word| unsafe { *word = 7 });
                tasks.wake(0);
            });
            let mut word = 0;
            tasks.run_until(|node| {
                word = tasks.nodes[node].word.with(|word| unsafe { *word });
                true
            });
            assert_eq!(word, 7);
        });
    }

    #[test]
    fn a_poll_sees_what_was_written_before_a_second_wake() {
        model(|| {
            let tasks = Tasks::new();
            elsewhere(&tasks, |tasks| {
                for news in 1..=3 {
                    tasks.tell(0, 0, news);
                }
            });
            tasks.run_until_seen([[3, 0], [0, 0]]);
        });
    }

    #[test]
    fn a_poll_sees_what_both_wakers_have_written() {
        model(|| {
            let tasks = Tasks::new();
            for place in [0, 1] {
                elsewhere(&tasks, move |tasks| tasks.tell(0, place, 1));
            }
            tasks.run_until_seen([[1, 1], [0, 0]]);
        });
    }

    #[test]
    fn two_tasks_woken_by_two_threads_are_polled() {
        model(|| {
            let tasks = Tasks::new();
            for node in [0, 1] {
                elsewhere(&tasks, move |tasks| {
                    tasks.nodes[node].word.with_mut(|word| unsafe { *word = 7 });
                    tasks.wake(node);
                });
            }
            let mut words = [0; 2];
            tasks.run_until(|node| {
                words[node] = tasks.nodes[node].word.with(|word| unsafe { *word });
                words == [7; 2]
            });
        });
    }

    #[test]
    fn first_come_first_served() {
        model(|| {
            let tasks = Tasks::new();
            elsewhere(&tasks, |tasks| {
                tasks.wake(0);
                tasks.wake(1);
            });
            let mut order = Vec::new();
            tasks.run_until(|node| {
                order.push(node);
                order.len() == 2
            });
            assert_eq!(order, [0, 1]);
        });
    }

    #[test]
    fn a_wake_while_the_list_is_passed_on_loses_no_task() {
        model_of_three(|| {
            let tasks = Tasks::new();
            elsewhere(&tasks, |tasks| {
                tasks.tell(0, 0, 1);
                tasks.tell(1, 0, 1);
            });
            elsewhere(&tasks, |tasks| {
                tasks.tell(0, 1, 1);
                tasks.tell(1, 1, 1);
            });
            tasks.run_until_seen([[1, 1], [1, 1]]);
        });
    }
}

/// Something with counted references.
struct Counted {
    refs: Refs,
    /// Read by whoever has a reference, and written by whoever frees it.
    contents: UnsafeCell<()>,
    frees: AtomicUsize,
    /// Whether a reference lies here, for another thread to take.
    mail: AtomicBool,
}

unsafe impl Send for Counted {}
unsafe impl Sync for Counted {}

impl Counted {
    /// References beside the owner's, which are to be dropped elsewhere.
    fn with_references(count: usize) -> Arc<Self> {
        let refs = Refs::new();
        (0..count).for_each(|_| refs.retain_here());
        Arc::new(Counted {
            refs,
            contents: UnsafeCell::new(()),
            frees: AtomicUsize::new(0),
            mail: AtomicBool::new(false),
        })
    }

    fn read(&self) {
        self.contents.with(|_| ());
    }

    fn free_if(&self, last: bool) {
        if last {
            self.contents.with_mut(|_| ());
            self.frees.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn drop_elsewhere(&self) {
        self.read();
        self.free_if(self.refs.release());
    }

    /// The owner closes its part.
    fn close(&self) {
        self.read();
        self.free_if(self.refs.close());
    }

    fn frees(&self) -> usize {
        self.frees.load(Ordering::Relaxed)
    }
}

mod refs {
    use super::{Cell, Counted, Ordering, elsewhere, model, model_of_three};

    #[test]
    fn made_here_and_dropped_elsewhere() {
        model(|| {
            let counted = Counted::with_references(1);
            let other = elsewhere(&counted, Counted::drop_elsewhere);
            counted.close();
            other.join().unwrap();
            assert_eq!(counted.frees(), 1);
        });
    }

    #[test]
    fn more_dropped_elsewhere_than_made_there() {
        model_of_three(|| {
            let counted = Counted::with_references(3);
            let others = [1, 2].map(|count| {
                elsewhere(&counted, move |counted| {
                    (0..count).for_each(|_| counted.drop_elsewhere());
                })
            });
            counted.read();
            assert_eq!(counted.frees(), 0);
            counted.refs.retain_here();
            counted.refs.release_here();
            counted.close();
            for other in others {
                other.join().unwrap();
            }
            assert_eq!(counted.frees(), 1);
        });
    }

    #[test]
    fn made_elsewhere_and_dropped_by_the_owner() {
        model(|| {
            let counted = Counted::with_references(1);
            let other = elsewhere(&counted, |counted| {
                counted.refs.retain();
                counted.mail.swap(true, Ordering::Release);
                counted.drop_elsewhere();
            });
            // Before the end of this thread, after it, or when the other one has ended.
            let is_mine = Cell::new(false);
            let fetch = || is_mine.set(counted.mail.swap(false, Ordering::Acquire));
            fetch();
            if is_mine.take() {
                counted.refs.release_here();
            }
            counted.close();
            fetch();
            if is_mine.take() {
                counted.drop_elsewhere();
            }
            other.join().unwrap();
            fetch();
            if is_mine.take() {
                assert_eq!(counted.frees(), 0);
                counted.drop_elsewhere();
            }
            assert_eq!(counted.frees(), 1);
        });
    }

    #[test]
    fn the_last_of_three_threads_frees() {
        model_of_three(|| {
            let counted = Counted::with_references(2);
            let first = elsewhere(&counted, |counted| {
                counted.refs.retain();
                counted.mail.swap(true, Ordering::Release);
                counted.drop_elsewhere();
            });
            let second = elsewhere(&counted, |counted| {
                if counted.mail.swap(false, Ordering::Acquire) {
                    counted.drop_elsewhere();
                }
                counted.drop_elsewhere();
            });
            counted.close();
            first.join().unwrap();
            second.join().unwrap();
            if counted.mail.swap(false, Ordering::Acquire) {
                assert_eq!(counted.frees(), 0);
                counted.drop_elsewhere();
            }
            assert_eq!(counted.frees(), 1);
        });
    }
}
