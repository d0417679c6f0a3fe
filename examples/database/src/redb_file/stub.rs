//! A stand-in for the real database where the feature `redb` is off: no value of it ever exists.

use std::convert::Infallible;
use std::path::PathBuf;

use forwith::{AsyncExit, Outcome};

use super::items::Items;
use crate::error::Error;

/// Fails with a sentence that names the feature.
pub async fn open(_: PathBuf) -> Result<Session, Error> {
    Err(Error::new(
        "this build has no real database: run it with `cargo run --features redb`",
    ))
}

/// No panic needs silence here.
pub fn silence_panics() {}

pub struct Session(Infallible);

impl Session {
    pub fn client(&self) -> Client {
        match self.0 {}
    }

    pub fn begin(&mut self) -> Transaction<'_> {
        match self.0 {}
    }
}

impl AsyncExit for Session {
    type Error = Error;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Error> {
        match self.0 {}
    }
}

pub struct Client(Infallible);

impl Client {
    #[expect(clippy::unused_async, reason = "the real one awaits")]
    pub async fn set_key(&self, _: &str, _: &str) -> Result<(), Error> {
        match self.0 {}
    }

    pub fn items(self) -> Items {
        match self.0 {}
    }
}

pub struct Transaction<'s>(&'s mut Session);

impl Transaction<'_> {
    pub fn set_key(&mut self, _: &str, _: &str) {
        match self.0.0 {}
    }
}

impl AsyncExit for Transaction<'_> {
    type Error = Error;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Error> {
        match self.0.0 {}
    }
}
