use forwith::async_for;
use support::connect;

async fn container() {
    async_for!(for number in vec![1, 2, 3] {
        println!("{number}");
    });
}

async fn iterator() {
    async_for!(for number in 0..3 {
        println!("{number}");
    });
}

async fn future() {
    async_for!(for db in connect() {
        println!("{}", db.rows.len());
    });
}

fn main() {}
