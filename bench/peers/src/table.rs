//! Numbers by executor and work.

use std::collections::HashMap;

use forwith_bench::ours::Ours;
use forwith_bench::runner::Runner;

use crate::executors::FLOOR;
use crate::stats::least;

/// Our name in tables.
pub const OURS: &str = Ours::NAME;

/// The measure of one turn of each kind of work, on each executor.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// In the order in which they came.
    peers: Vec<String>,
    values: HashMap<(String, String), f64>,
}

impl Table {
    /// Adds a value; NaN means that there is none.
    pub fn put(&mut self, peer: &str, work: &str, value: f64) {
        if !self.peers.iter().any(|known| known == peer) {
            self.peers.push(peer.into());
        }
        if value.is_finite() {
            self.values.insert((peer.into(), work.into()), value);
        }
    }

    pub fn peers(&self) -> impl Iterator<Item = &str> {
        self.peers.iter().map(String::as_str)
    }

    pub fn get(&self, peer: &str, work: &str) -> Option<f64> {
        let key = (peer.to_owned(), work.to_owned());
        self.values.get(&key).copied()
    }

    /// The best value of the others, without the floor; ours, if there are no others.
    pub fn best_peer(&self, work: &str) -> Option<f64> {
        let others = self.peers().filter(|&peer| peer != FLOOR && peer != OURS);
        let best = least(others.filter_map(|peer| self.get(peer, work)));
        best.or_else(|| self.get(OURS, work))
    }

    pub fn floor(&self, work: &str) -> Option<f64> {
        self.get(FLOOR, work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_peer_is_neither_ours_nor_the_floor() {
        let mut table = Table::default();
        table.put(FLOOR, "wake", 1.0);
        table.put(OURS, "wake", 2.0);
        assert_eq!(table.best_peer("wake"), Some(2.0));
        table.put("tokio", "wake", 4.0);
        table.put("nio", "wake", 3.0);
        table.put("smol", "wake", f64::NAN);
        assert_eq!(table.best_peer("wake"), Some(3.0));
        assert_eq!(table.floor("wake"), Some(1.0));
        assert_eq!(table.best_peer("gather"), None);
    }
}
