//! Real threads that wake what gives, hands out, and loops.
use std::cell::Cell;
use std::sync::mpsc::{Sender, channel};

use forwith::resource::owned_resource_fn;
use forwith::source::{StreamFn, merge, stream_fn};
use forwith::{CancelToken, async_for, async_with, scope};
use futures::channel::oneshot;
use futures::stream;

use crate::common::{Failure, Trace};

thread_local!(static SEED: Cell<u64> = const { Cell::new(1) });
fn rand(n: u64) -> u64 {
    SEED.with(|s| {
        let mut x = s.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        s.set(x);
        x % n
    })
}

type Pool = Sender<oneshot::Sender<()>>;

async fn elsewhere(pool: &Pool) {
    let (send, wait) = oneshot::channel();
    pool.send(send).unwrap();
    let _ = wait.await;
}

struct Res(Pool, Trace, String);
impl forwith::OwnedExit for Res {
    type Error = Failure;
    async fn exit_owned(self, _: forwith::OwnedOutcome) -> Result<(), Failure> {
        elsewhere(&self.0).await;
        self.1.note(format!("exited {}", self.2));
        Ok(())
    }
}
async fn res(pool: &Pool, trace: &Trace, name: String) -> Result<Res, Failure> {
    elsewhere(pool).await;
    trace.note(format!("entered {name}"));
    Ok(Res(pool.clone(), trace.clone(), name))
}

fn inner(pool: &Pool, trace: &Trace, name: &'static str) -> StreamFn<u32, Failure> {
    let (pool, trace) = (pool.clone(), trace.clone());
    stream_fn(async move |out| {
        async_with!(res(&pool, &trace, format!("{name} outer")), {
            async_for!(
                #[concurrent(3)]
                for n in stream::iter(0..6u32) {
                    async_with!(res(&pool, &trace, format!("{name} {n}")), {
                        elsewhere(&pool).await;
                        out.give(n).await;
                        elsewhere(&pool).await;
                    })?;
                }
            );
        })
    })
}

async fn whole(pool: &Pool, trace: &Trace, at: Option<u32>) -> Result<Option<u32>, Failure> {
    async_with!(
        merge((inner(pool, trace, "s"), inner(pool, trace, "t"))) as s,
        {
            async_for!(
                #[concurrent(4)]
                for n in s {
                    let n = n?;
                    let (p2, t2) = (pool.clone(), trace.clone());
                    let f = owned_resource_fn(async move |stage| {
                        async_with!(res(&p2, &t2, format!("fn {n}")), {
                            elsewhere(&p2).await;
                            let _ = stage.hand_out(n).await;
                            elsewhere(&p2).await;
                        })
                    });
                    async_with!(f, {
                        elsewhere(pool).await;
                        if Some(n) == at {
                            break n;
                        }
                    })?;
                }
            )
        }
    )
}

fn verify(trace: &Trace, what: &str) {
    let lines = trace.lines();
    let count = |w: &str| lines.iter().filter(|l| l.starts_with(w)).count();
    assert_eq!(count("entered"), count("exited"), "{what} {lines:#?}");
}

#[test]
fn woken_by_threads() {
    let (pool, jobs) = channel::<oneshot::Sender<()>>();
    let jobs = std::sync::Arc::new(std::sync::Mutex::new(jobs));
    let mut threads = Vec::new();
    for i in 0..3 {
        let jobs = jobs.clone();
        threads.push(std::thread::spawn(move || {
            SEED.with(|s| s.set(77 + i));
            loop {
                let Ok(job) = jobs.lock().unwrap().recv() else {
                    return;
                };
                for _ in 0..rand(40) {
                    std::hint::spin_loop();
                }
                let _ = job.send(());
            }
        }));
    }
    let rounds = std::env::var("ROUNDS").map_or(300, |n| n.parse().unwrap());
    let rt = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    for round in 0..rounds {
        let trace = Trace::new();
        let at = (rand(3) != 0).then(|| u32::try_from(rand(8)).unwrap());
        let token = CancelToken::new();
        let cancels = rand(2) == 0;
        let (p, t, tok) = (pool.clone(), trace.clone(), token.clone());
        let k = rand(40);
        let canceller = async move {
            for _ in 0..k {
                elsewhere(&p).await;
            }
            if cancels {
                tok.cancel();
            }
        };
        let p = pool.clone();
        let main = async move { scope(whole(&p, &t, at), token.cancelled()).await };
        match round % 3 {
            0 => {
                let _ = futures::executor::block_on(futures::future::join(main, canceller));
            }
            1 => {
                rt.block_on(async {
                    let c = tokio::spawn(canceller);
                    let _ = tokio::spawn(main).await.unwrap();
                    c.await.unwrap();
                });
            }
            _ => {
                smol::block_on(async {
                    let c = smol::spawn(canceller);
                    let _ = smol::spawn(main).await;
                    c.await;
                });
            }
        }
        verify(&trace, &format!("round {round}"));
    }
    drop(pool);
    for t in threads {
        t.join().unwrap();
    }
}
