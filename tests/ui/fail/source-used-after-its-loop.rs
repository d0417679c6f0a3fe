use forwith::{Source, async_for};

struct Countdown(u32);

impl Source for Countdown {
    type Item<'a> = u32;

    async fn next(&mut self) -> Option<u32> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}

async fn moved(source: Countdown) {
    async_for!(for n in source {
        println!("{n}");
    });
    drop(source);
}

async fn not_mutable(source: Countdown) {
    async_for!(for n in &mut source {
        println!("{n}");
    });
}

async fn shared(source: &Countdown) {
    async_for!(for n in source {
        println!("{n}");
    });
}

fn main() {}
