//! What a job is.

use std::time::Duration;

use crate::Error;
use crate::queue::ACK_WAIT;

/// How many accounts there are, as in `schema.sql`.
pub const ACCOUNTS: i64 = 1000;

/// A job adds cents to an account, and may take a while before it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    pub number: i64,
    pub account: i64,
    pub cents: i64,
    pub lasts: Duration,
}

impl Job {
    /// The job of this number. Each two-hundredth takes longer than the queue waits for an answer.
    pub fn of(number: i64) -> Self {
        let is_long = number % 200 == 100;
        Job {
            number,
            account: number % ACCOUNTS,
            cents: number % 100 + 1,
            lasts: if is_long {
                ACK_WAIT * 3 / 2
            } else {
                Duration::ZERO
            },
        }
    }

    /// The job as a message.
    pub fn to_text(self) -> String {
        let millis = self.lasts.as_millis();
        format!("{} {} {} {millis}", self.number, self.account, self.cents)
    }

    /// The job of a message.
    pub fn parse(message: &[u8]) -> Result<Self, Error> {
        let text = str::from_utf8(message)?;
        let numbers: Result<Vec<i64>, _> = text.split(' ').map(str::parse).collect();
        let [number, account, cents, millis] = numbers?[..] else {
            return Err(format!("`{text}` is no job").into());
        };
        Ok(Job {
            number,
            account,
            cents,
            lasts: Duration::from_millis(millis.try_into()?),
        })
    }
}
