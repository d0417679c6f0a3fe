use forwith::{AsyncExit, Outcome, async_for, async_with};
use futures::StreamExt;
use std::future::ready;
use support::numbers;

enum Session {
    Open(u32),
    Closed,
}

impl AsyncExit for Session {
    type Error = String;

    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), String> {
        Ok(())
    }
}

async fn loops() {
    async_for!(for Some(number) in numbers().map(Some) {
        println!("{number}");
    });
}

async fn with(session: Session) -> Result<u32, String> {
    async_with!(ready(Ok(session)) as Session::Open(id), { *id })
}

fn main() {}
