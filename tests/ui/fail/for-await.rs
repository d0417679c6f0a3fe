use forwith::async_for;

async fn behind() {
    async_for!(for await number in support::numbers() {
        println!("{number}");
    });
}

async fn before() {
    async_for!(await for number in support::numbers() {
        println!("{number}");
    });
}

fn main() {}
