//! Clients that ask until the time is over.

use std::net::SocketAddr;

use fastrand::Rng;
use futures_util::future::join_all;

use crate::load::{self, Asked, Plan};

/// Clients at once.
const CLIENTS: u64 = 20;

/// How many of a hundred do not stay.
const RUDE: u32 = 30;

/// So many requests are kept until they are counted.
const TURN: usize = 50;

/// Lets each client ask turn by turn, and gives what became of each request to `count`.
pub async fn run(
    address: SocketAddr,
    seed: u64,
    goes_on: impl Fn() -> bool,
    count: impl Fn(&Asked),
) {
    let clients = (0..CLIENTS).map(|client| {
        let (goes_on, count) = (&goes_on, &count);
        async move {
            let mut rng = Rng::with_seed(seed ^ (client << 32));
            while goes_on() {
                let plan = Plan {
                    requests: TURN,
                    seed: rng.u64(..),
                    rude: RUDE,
                    name: format!("soak-{client}"),
                };
                let turn = load::run(address, &plan, 1, goes_on).await;
                turn.iter().for_each(count);
            }
        }
    });
    join_all(clients).await;
}
