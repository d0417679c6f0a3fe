//! Several exits that belong together, and their order.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::collections::VecDeque;
use std::vec::Vec;

/// Exits in the order in which they run.
pub(crate) enum Exits<F> {
    One(F),
    /// One after the other; only the first is polled.
    InTurn(VecDeque<Exits<F>>),
    SideBySide(Vec<Exits<F>>),
}

impl<F> Exits<F> {
    /// Puts exits one after the other. Without any there is `None`.
    pub(crate) fn in_turn(mut exits: Vec<Self>) -> Option<Self> {
        match exits.len() {
            0 | 1 => exits.pop(),
            _ => Some(Exits::InTurn(exits.into())),
        }
    }

    /// Puts exits side by side. Without any there is `None`.
    pub(crate) fn side_by_side(mut exits: Vec<Self>) -> Option<Self> {
        match exits.len() {
            0 | 1 => exits.pop(),
            _ => Some(Exits::SideBySide(exits)),
        }
    }

    /// Changes each exit, in order.
    pub(crate) fn map<T>(self, change: &mut impl FnMut(F) -> T) -> Exits<T> {
        match self {
            Exits::One(exit) => Exits::One(change(exit)),
            Exits::InTurn(exits) => {
                Exits::InTurn(exits.into_iter().map(|exit| exit.map(change)).collect())
            }
            Exits::SideBySide(exits) => {
                Exits::SideBySide(exits.into_iter().map(|exit| exit.map(change)).collect())
            }
        }
    }
}

/// Each exit gives those that run in its place, as an enter gives the exit of what it has entered.
impl<F: Future<Output = Option<Self>> + Unpin> Exits<F> {
    /// Polls those whose turn it is. Those side by side are few, so each is polled whenever one is
    /// woken.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match self {
                Exits::One(exit) => match ready!(Pin::new(exit).poll(cx)) {
                    Some(behind) => *self = behind,
                    None => return Poll::Ready(()),
                },
                Exits::InTurn(exits) => {
                    while let Some(first) = exits.front_mut() {
                        ready!(first.poll(cx));
                        exits.pop_front();
                    }
                    return Poll::Ready(());
                }
                Exits::SideBySide(exits) => {
                    exits.retain_mut(|exit| exit.poll(cx).is_pending());
                    return if exits.is_empty() {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    };
                }
            }
        }
    }
}
