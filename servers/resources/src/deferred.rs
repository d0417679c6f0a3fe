//! Tasks that begin later, and cost nothing if they are given up before.
//!
//! A lock is renewed, and a message is reported to be in progress, only after a while. Most bodies
//! have ended by then. So their tasks wait in a list, and one task for each runtime spawns what has
//! become due. It ends when nothing waits.

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::runtime::{Handle, Id};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

/// The list of each runtime in which something waits.
static LISTS: Mutex<Option<HashMap<Id, List>>> = Mutex::new(None);

struct List {
    waiting: BTreeMap<Key, Waiting>,
    /// When the task of this list looks at it.
    looks_at: Instant,
    /// Tells the task to look earlier.
    earlier: Arc<Notify>,
}

/// When a task is to begin, and a number that no other task has, also of a list that has gone.
type Key = (Instant, u64);

struct Waiting {
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
    task: Arc<OnceLock<JoinHandle<()>>>,
}

/// A task that begins at a time. It is given up when this is dropped.
pub(crate) struct Deferred {
    runtime: Id,
    key: Key,
    /// Set when it begins.
    task: Arc<OnceLock<JoinHandle<()>>>,
}

impl Deferred {
    /// Lets a task begin at this time.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub(crate) fn at(begin: Instant, future: impl Future<Output = ()> + Send + 'static) -> Self {
        let runtime = Handle::current().id();
        let task = Arc::new(OnceLock::new());
        let waiting = Waiting {
            future: Box::pin(future),
            task: task.clone(),
        };
        let mut lists = lists();
        let all = lists.get_or_insert_default();
        let is_first = !all.contains_key(&runtime);
        let list = all.entry(runtime).or_insert_with(|| List::new(begin));
        let key = list.add(begin, waiting);
        drop(lists);
        if is_first {
            // Outside of the lock: a runtime that ends drops it at once, with the list.
            tokio::spawn(look(RemoveOnDrop(runtime)));
        }
        Deferred { runtime, key, task }
    }

    /// Ends it, and awaits that if it has begun.
    pub(crate) async fn stop(mut self) {
        self.give_up();
        let task = Arc::get_mut(&mut self.task).and_then(OnceLock::take);
        if let Some(task) = task {
            let _ = task.await;
        }
    }

    fn give_up(&self) {
        let mut lists = lists();
        let list = lists.as_mut().and_then(|all| all.get_mut(&self.runtime));
        let waited = list.and_then(|list| list.waiting.remove(&self.key));
        drop(lists);
        drop(waited); // a destructor may give up something else
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl List {
    fn new(looks_at: Instant) -> Self {
        List {
            waiting: BTreeMap::new(),
            looks_at,
            earlier: Arc::new(Notify::new()),
        }
    }

    fn add(&mut self, begin: Instant, waiting: Waiting) -> Key {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let key = (begin, NUMBER.fetch_add(1, Relaxed));
        self.waiting.insert(key, waiting);
        if begin < self.looks_at {
            self.earlier.notify_one();
        }
        key
    }
}

/// Takes a list away when its task is dropped, because the runtime ends.
struct RemoveOnDrop(Id);

impl Drop for RemoveOnDrop {
    fn drop(&mut self) {
        let list = lists().as_mut().and_then(|all| all.remove(&self.0));
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
    let all = lists.as_mut()?;
    let list = all.get_mut(&runtime)?;
    let now = Instant::now();
    while let Some(first) = list.waiting.first_entry() {
        let (begin, _) = *first.key();
        if begin > now {
            list.looks_at = begin;
            return Some((begin, list.earlier.clone()));
        }
        let Waiting { future, task } = first.remove();
        let _ = task.set(tokio::spawn(future));
    }
    all.remove(&runtime);
    None
}

fn lists() -> MutexGuard<'static, Option<HashMap<Id, List>>> {
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
            Deferred::at(at, async move {
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
        let runtime = Handle::current().id();
        lists()
            .as_ref()
            .is_some_and(|all| all.contains_key(&runtime))
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
