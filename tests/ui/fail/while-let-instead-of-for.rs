use forwith::async_for;

async fn while_let() {
    async_for!(while let Some(number) = support::numbers().next() {
        println!("{number}");
    });
}

async fn endless() {
    async_for!(loop {
        println!("again");
    });
}

fn main() {}
