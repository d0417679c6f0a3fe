use forwith::async_for;

async fn of() {
    async_for!(for number of support::numbers() {
        println!("{number}");
    });
}

async fn pattern() {
    async_for!(for in support::numbers() {
        println!("one more");
    });
}

async fn stream() {
    async_for!(for number in {
        println!("{number}");
    });
}

fn main() {}
