//! Work with resources that is dropped at random points: what a server still holds afterwards, and
//! what was lost. Both must be nothing.
//!
//! Everything that is needed goes on in a reaper: enters by
//! [`outliving`](forwith::AsyncEnterExt::outliving), exits by [`OwnedExit`](forwith::OwnedExit).
//! The clock is virtual, so a seed repeats a run exactly.

mod random;
mod server;
mod shapes;

use std::future::{pending, poll_fn, ready};
use std::pin::pin;
use std::sync::OnceLock;
use std::task::Poll;
use std::time::Duration;

use forwith::reaper::LocalReaper;
use forwith::report::{lost_exits, set_hook};
use forwith::scope;
use forwith_runtime::{Executor, sleep, spawn};

use random::Random;
use server::{Client, Phase, Server};
use shapes::{SHAPES, Shape, Work};

/// The number of drop points of each shape.
const DROPS: usize = 10_000;

/// The first exit that was lost.
static FIRST_LOSS: OnceLock<String> = OnceLock::new();

/// Prints a table. Fails if anything is held or lost.
pub fn measure(seed: u64) -> Result<(), String> {
    set_hook(|error| drop(FIRST_LOSS.set(error.to_string())));
    println!("seed {seed}, {DROPS} drop points in each row\n");
    println!(
        "| resources | in an enter | in a body | in an exit | granted | given back | held | lost |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut random = Random::new(seed);
    let mut is_clean = true;
    for shape in SHAPES {
        let row = drop_all(shape, &mut random);
        println!("| {} | {} |", shape.name, row.cells());
        is_clean &= row.is_clean();
    }
    if is_clean {
        return Ok(());
    }
    Err(FIRST_LOSS.get().cloned().unwrap_or_else(|| {
        String::from("the server holds something, and nobody was told of a loss")
    }))
}

/// What became of the work of one shape.
struct Row {
    enters: usize,
    bodies: usize,
    exits: usize,
    server: Server,
    lost: usize,
}

impl Row {
    fn cells(&self) -> String {
        let (granted, given_back) = (self.server.granted(), self.server.given_back());
        let cells = [
            self.enters,
            self.bodies,
            self.exits,
            granted,
            given_back,
            granted - given_back,
            self.lost,
        ];
        cells.map(|number| number.to_string()).join(" | ")
    }

    fn is_clean(&self) -> bool {
        self.server.granted() == self.server.given_back() && self.lost == 0
    }
}

/// Drops work of one shape until there are enough drop points, and joins the reaper.
fn drop_all(shape: &Shape, random: &mut Random) -> Row {
    let server = Server::default();
    let before = lost_exits();
    let (mut enters, mut bodies, mut exits) = (0, 0, 0);
    Executor::with_virtual_clock().block_on(async {
        let reaper = LocalReaper::new(|exit| drop(spawn(exit)));
        let _entered = reaper.enter();
        while enters + bodies + exits < DROPS {
            let client = Client::new(&server, random.next());
            let work = (shape.work)(client.clone());
            match drop_one(work, &client, random.time(shape.longest), random).await {
                Phase::Idle => {}
                Phase::Enters => enters += 1,
                Phase::Body => bodies += 1,
                Phase::Exits => exits += 1,
            }
        }
        reaper.join().await;
    });
    let lost = lost_exits() - before;
    Row {
        enters,
        bodies,
        exits,
        server,
        lost,
    }
}

/// Drops the work after this time, in one of three ways. Gives what it was at.
async fn drop_one(work: Work, client: &Client, after: Duration, random: &mut Random) -> Phase {
    match random.below(3) {
        // By hand, as `select!` and `timeout` of others do.
        0 => {
            let mut stop = pin!(sleep(after));
            let mut work = work;
            poll_fn(|cx| {
                if stop.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(());
                }
                work.as_mut().poll(cx)
            })
            .await;
            client.phase()
        }
        // With its task.
        1 => {
            let task = spawn(work);
            sleep(after).await;
            let phase = client.phase();
            task.abort();
            phase
        }
        // By the end of a grace. The work waits until then, and with it its phase.
        _ => {
            let stays = async {
                work.await;
                pending::<()>().await;
            };
            let mut phase = Phase::Idle;
            let stop = async {
                sleep(after).await;
                phase = client.phase();
            };
            drop(scope(stays, stop).grace(|| ready(())).await);
            phase
        }
    }
}
