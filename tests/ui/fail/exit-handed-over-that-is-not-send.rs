use std::io::Error;
use std::rc::Rc;

use forwith::{AsyncExit, Handoff, Outcome};

struct Connection(Rc<u8>);

impl AsyncExit for Connection {
    type Error = Error;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        handoff.run(self.exit(Outcome::Cancelled));
    }
}

fn main() {}
