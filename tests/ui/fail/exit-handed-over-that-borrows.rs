use std::io::Error;

use forwith::{AsyncExit, Handoff, Outcome};

struct Transaction<'c>(&'c mut Vec<u8>);

impl AsyncExit for Transaction<'_> {
    type Error = Error;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        handoff.run(self.exit(Outcome::Cancelled));
    }
}

fn main() {}
