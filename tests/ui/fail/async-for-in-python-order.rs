use forwith::async_for;

async fn async_first() {
    async_for!(async for number in support::numbers() {
        println!("{number}");
    });
}

async fn for_left_out() {
    async_for!(number in support::numbers() {
        println!("{number}");
    });
}

async fn pattern_without_for() {
    async_for!((index, number) in support::numbers() {
        println!("{index} {number}");
    });
}

fn main() {}
