//! What the clients do, from a seed.

use std::time::Duration;

use fastrand::Rng;

use crate::bank::{ACCOUNTS, Order};

/// What a client asks for.
#[derive(Clone, Debug)]
pub enum Ask {
    /// `POST /transfers`.
    Transfer(Order),
    /// `GET /report`, of an account or of all.
    Report(Option<i64>),
    /// `POST /statements`.
    Statement(i64),
}

/// How a client behaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Manner {
    /// It waits for its answer, and keeps the connection for the next request.
    Stays,
    /// It closes the connection some time after it has asked.
    Leaves(Duration),
    /// It resets the connection.
    Resets(Duration),
    /// It closes its half of the connection, and reads on.
    HalfCloses,
    /// It asks twice, and closes the connection before the answers.
    Pipelines(Duration),
    /// It sends half of its request, and no more.
    StallsSending,
    /// It does not read the answer, which is long.
    StallsReading,
}

/// A plan, which is equal for equal seeds.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The number of requests.
    pub requests: usize,
    /// What all is drawn from.
    pub seed: u64,
    /// How many of a hundred clients do not stay.
    pub rude: u32,
    /// What the keys of its orders begin with.
    pub name: String,
}

impl Plan {
    /// What the client of this number does. It is drawn anew for each, so it does not depend on
    /// who asks first.
    #[must_use]
    pub fn get(&self, number: usize) -> (Ask, Manner) {
        let mut rng = self.rng(number);
        let manner = if rng.u32(0..100) < self.rude {
            rude(&mut rng)
        } else {
            Manner::Stays
        };
        (self.ask(number, manner, &mut rng), manner)
    }

    /// The second request of a client that asks twice.
    #[must_use]
    pub fn second(&self, number: usize) -> Ask {
        let mut rng = self.rng(number);
        Ask::Transfer(order(format!("{} again", self.key(number)), &mut rng))
    }

    fn rng(&self, number: usize) -> Rng {
        let mut seeds = Rng::with_seed(self.seed);
        Rng::with_seed(seeds.u64(..) ^ (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn ask(&self, number: usize, manner: Manner, rng: &mut Rng) -> Ask {
        match (manner, rng.u32(0..100)) {
            (Manner::StallsReading, _) => Ask::Report(None),
            (Manner::StallsSending, _) | (_, 0..90) => Ask::Transfer(order(self.key(number), rng)),
            (_, 90..98) => Ask::Report(Some(rng.i64(1..=ACCOUNTS))),
            _ => Ask::Statement(rng.i64(1..=ACCOUNTS)),
        }
    }

    fn key(&self, number: usize) -> String {
        format!("{}-{}-{number}", self.name, self.seed)
    }
}

fn order(key: String, rng: &mut Rng) -> Order {
    let from = rng.i64(1..=ACCOUNTS);
    let to = 1 + (from + rng.i64(0..ACCOUNTS - 1)) % ACCOUNTS;
    // One of a hundred is more than anybody has.
    let cents = match rng.u32(0..100) {
        0 => 1 << 40,
        _ => rng.i64(1..100),
    };
    Order {
        key,
        from,
        to,
        cents,
    }
}

/// Stalls are rarer than the others, since each takes as long as the time limit.
fn rude(rng: &mut Rng) -> Manner {
    let soon = Duration::from_micros(rng.u64(0..15_000));
    match rng.u32(0..100) {
        0..35 => Manner::Leaves(soon),
        35..55 => Manner::Resets(soon),
        55..70 => Manner::HalfCloses,
        70..85 => Manner::Pipelines(soon),
        85..95 => Manner::StallsSending,
        _ => Manner::StallsReading,
    }
}
