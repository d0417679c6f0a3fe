//! Tasks that begin later, and cost nothing if they are given up before.
//!
//! A lock is renewed, and a message is reported to be in progress, only after a while. Most bodies
//! have ended by then. So their tasks wait in a list, and one task for each runtime spawns what has
//! become due. It ends when nothing waits.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::{Handle, Id};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

static LISTS: Mutex<Lists> = Mutex::new(Lists {
    of_runtimes: Vec::new(),
    begun: BTreeMap::new(),
});

struct Lists {
    /// The list of each runtime in which something waits. They are few.
    of_runtimes: Vec<(Id, List)>,
    /// The tasks that have begun, until they are given up.
    begun: BTreeMap<Key, JoinHandle<()>>,
}

struct List {
    waiting: Queue,
    /// When the task of this list looks at it.
    looks_at: Instant,
    /// Tells the task to look earlier.
    earlier: Arc<Notify>,
}

/// When a task is to begin, and a number that no other task has, also of a list that has gone.
type Key = (Instant, u64);

/// Makes the task. Most never begin, so only what it needs is kept before.
type Waiting = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// What waits, in the order of the keys. New ones mostly come last. Those given up leave a gap,
/// which goes with the ones before it; the first one is no gap.
#[derive(Default)]
struct Queue {
    entries: VecDeque<(Key, Option<Waiting>)>,
    gaps: usize,
}

impl Queue {
    fn first(&self) -> Option<Key> {
        self.entries.front().map(|(key, _)| *key)
    }

    fn insert(&mut self, key: Key, waiting: Waiting) {
        let place = match self.entries.back() {
            Some((last, _)) if *last > key => self.entries.partition_point(|(at, _)| *at < key),
            _ => self.entries.len(),
        };
        self.entries.insert(place, (key, Some(waiting)));
    }

    fn remove(&mut self, key: &Key) -> Option<Waiting> {
        let place = self.entries.binary_search_by(|(at, _)| at.cmp(key)).ok()?;
        let waiting = self.entries[place].1.take()?;
        self.gaps += 1;
        while let Some((_, None)) = self.entries.front() {
            self.entries.pop_front();
            self.gaps -= 1;
        }
        if self.gaps > 32 && self.gaps > self.entries.len() / 2 {
            self.entries.retain(|(_, waiting)| waiting.is_some());
            self.gaps = 0;
        }
        Some(waiting)
    }
}

/// A task that begins at a time. It is given up when this is dropped.
pub(crate) struct Deferred {
    runtime: Id,
    key: Key,
}

impl Deferred {
    /// Lets a task begin at this time.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub(crate) fn at<F>(begin: Instant, task: impl FnOnce() -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime = Handle::current().id();
        let waiting = Box::new(|| Box::pin(task()) as _);
        let (key, is_first) = lists().add(runtime, begin, waiting);
        if is_first {
            // Outside of the lock: a runtime that ends drops it at once, with the list.
            tokio::spawn(look(RemoveOnDrop(runtime)));
        }
        Deferred { runtime, key }
    }

    /// Ends it, and awaits that if it has begun.
    pub(crate) async fn stop(self) {
        let task = self.give_up();
        mem::forget(self); // it need not be looked for again
        if let Some(task) = task {
            let _ = task.await;
        }
    }

    /// Ends it. Gives its task, if it has begun.
    fn give_up(&self) -> Option<JoinHandle<()>> {
        let mut lists = lists();
        let list = lists.of(self.runtime);
        let waited = list.and_then(|list| list.waiting.remove(&self.key));
        let task = match waited {
            Some(_) => None,
            None => lists.begun.remove(&self.key),
        };
        drop(lists);
        drop(waited); // a destructor may give up something else
        task.inspect(JoinHandle::abort)
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl Lists {
    fn of(&mut self, runtime: Id) -> Option<&mut List> {
        let mut all = self.of_runtimes.iter_mut();
        all.find(|(id, _)| *id == runtime).map(|(_, list)| list)
    }

    /// Lets a task wait, and says whether its list is a new one.
    fn add(&mut self, runtime: Id, begin: Instant, waiting: Waiting) -> (Key, bool) {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let key = (begin, NUMBER.fetch_add(1, Relaxed));
        if let Some(list) = self.of(runtime) {
            list.waiting.insert(key, waiting);
            if begin < list.looks_at {
                list.earlier.notify_one();
            }
            return (key, false);
        }
        let mut list = List {
            waiting: Queue::default(),
            looks_at: begin,
            earlier: Arc::new(Notify::new()),
        };
        list.waiting.insert(key, waiting);
        self.of_runtimes.push((runtime, list));
        (key, true)
    }

    fn remove(&mut self, runtime: Id) -> Option<List> {
        let mut all = self.of_runtimes.iter();
        let place = all.position(|(id, _)| *id == runtime)?;
        Some(self.of_runtimes.swap_remove(place).1)
    }
}

/// Takes a list away when its task is dropped, because the runtime ends.
struct RemoveOnDrop(Id);

impl Drop for RemoveOnDrop {
    fn drop(&mut self) {
        let list = lists().remove(self.0);
        drop(list); // outside of the lock, as the destructors of others may give up something
    }
}

/// The task of a list, which may be dropped before its first poll.
async fn look(on_drop: RemoveOnDrop) {
    while let Some((next, earlier)) = begin_due(on_drop.0) {
        let _ = timeout_at(next, earlier.notified()).await;
    }
    // The list has gone. By now there may be a new one, with a task of its own.
    mem::forget(on_drop);
}

/// Spawns what is due. Gives when to look again, and what may come before. If nothing waits it
/// takes the list away, so that whatever is added next spawns a task.
fn begin_due(runtime: Id) -> Option<(Instant, Arc<Notify>)> {
    let mut lists = lists();
    let Lists { of_runtimes, begun } = &mut *lists;
    let (_, list) = of_runtimes.iter_mut().find(|(id, _)| *id == runtime)?;
    let now = Instant::now();
    while let Some(key) = list.waiting.first() {
        if key.0 > now {
            list.looks_at = key.0;
            return Some((key.0, list.earlier.clone()));
        }
        if let Some(task) = list.waiting.remove(&key) {
            begun.insert(key, tokio::spawn(task()));
        }
    }
    lists.remove(runtime);
    None
}

fn lists() -> MutexGuard<'static, Lists> {
    LISTS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::time::Duration;

    use tokio::runtime::Handle;
    use tokio::task::yield_now;
    use tokio::time::{Instant, advance, pause};

    use super::{Deferred, lists};

    /// Counts how often a task has begun.
    #[derive(Clone, Default)]
    struct Begun(Arc<AtomicUsize>);

    impl Begun {
        fn after(&self, seconds: u64) -> Deferred {
            let begun = self.0.clone();
            let at = Instant::now() + Duration::from_secs(seconds);
            Deferred::at(at, || async move {
                begun.fetch_add(1, Relaxed);
                std::future::pending::<()>().await;
            })
        }

        fn get(&self) -> usize {
            self.0.load(Relaxed)
        }

        /// Whether the future is still there, or its task.
        fn is_held(&self) -> bool {
            Arc::strong_count(&self.0) > 1
        }
    }

    /// Lets time pass, and what is due run. Timers are late by up to a millisecond.
    async fn pass(seconds: u64) {
        advance(Duration::from_millis(1000 * seconds + 2)).await;
        for _ in 0..10 {
            yield_now().await;
        }
    }

    fn has_list() -> bool {
        lists().of(Handle::current().id()).is_some()
    }

    #[tokio::test]
    async fn task_begins_at_its_time() {
        pause();
        let begun = Begun::default();
        let task = begun.after(3);
        pass(2).await;
        assert_eq!(begun.get(), 0);
        pass(1).await;
        assert_eq!(begun.get(), 1);
        assert!(!has_list(), "nothing waits");
        task.stop().await;
        assert!(!begun.is_held());
    }

    #[tokio::test]
    async fn task_that_is_given_up_never_begins() {
        pause();
        let begun = Begun::default();
        drop(begun.after(3));
        assert!(!begun.is_held());
        begun.after(3).stop().await;
        assert!(!begun.is_held());
        pass(4).await;
        assert_eq!(begun.get(), 0);
        assert!(!has_list(), "the task of the list has ended");
        let _again = begun.after(1);
        pass(1).await;
        assert_eq!(begun.get(), 1);
    }

    #[tokio::test]
    async fn earlier_task_does_not_wait_for_a_later_one() {
        pause();
        let begun = Begun::default();
        let _tasks = [begun.after(5), begun.after(2), begun.after(9)];
        for (seconds, expected) in [(1, 0), (1, 1), (3, 2), (4, 3)] {
            pass(seconds).await;
            assert_eq!(begun.get(), expected);
        }
    }

    #[tokio::test]
    async fn those_given_up_leave_no_gap_for_long() {
        pause();
        let begun = Begun::default();
        let first = begun.after(1);
        for _ in 0..1000 {
            drop(begun.after(2));
        }
        let len = || {
            let mut lists = lists();
            lists
                .of(Handle::current().id())
                .unwrap()
                .waiting
                .entries
                .len()
        };
        assert!(len() <= 65, "{}", len());
        let _last = begun.after(3);
        drop(first);
        assert_eq!(len(), 1);
        pass(3).await;
        assert_eq!(begun.get(), 1);
    }

    #[tokio::test]
    async fn task_that_has_begun_ends_with_its_handle() {
        pause();
        let begun = Begun::default();
        let task = begun.after(1);
        pass(1).await;
        drop(task);
        pass(1).await;
        assert!(!begun.is_held());
    }

    #[test]
    fn list_ends_with_its_runtime() {
        let begun = Begun::default();
        let runtime = || {
            let builder = &mut tokio::runtime::Builder::new_current_thread();
            builder.enable_time().build().unwrap()
        };
        let (first, second) = (runtime(), runtime());
        let kept = first.block_on(async { begun.after(3600) });
        let other = second.block_on(async { begun.after(3600) });
        drop(first);
        assert_eq!(Arc::strong_count(&begun.0), 2, "of the second runtime");
        assert!(second.block_on(async { has_list() }));
        drop((kept, other));
        assert!(!begun.is_held());
    }
}
