use forwith::{AsyncExit, Outcome, OutlivesDrop};

trait Store {
    type Tx: OutlivesDrop;
}

struct Memory;
struct Transaction;

impl AsyncExit for Transaction {
    type Error = String;

    async fn exit(self, _: Outcome<'_>) -> Result<(), String> {
        Ok(())
    }
}

impl Store for Memory {
    type Tx = Transaction;
}

fn main() {}
