use std::cell::Cell;
use std::rc::Rc;

use forwith::async_for;
use support::numbers;

async fn in_the_body() {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            let shared = Rc::new(number);
            tokio::task::yield_now().await;
            drop(shared);
        }
    );
}

async fn outside_of_the_body() {
    let shared = Rc::new(1);
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            tokio::task::yield_now().await;
            println!("{}", number + *shared);
        }
    );
}

async fn changed_in_the_body() -> u32 {
    let sum = Cell::new(0);
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            sum.set(sum.get() + number);
        }
    );
    sum.get()
}

async fn collected() -> Vec<Rc<u32>> {
    async_for!(
        #[concurrent(2)]
        #[collect]
        for number in numbers() {
            Rc::new(number)
        }
    )
}

fn spawned() {
    tokio::spawn(in_the_body());
    tokio::spawn(outside_of_the_body());
    tokio::spawn(changed_in_the_body());
}

fn spawned_with_values() {
    tokio::spawn(async {
        collected().await;
    });
}

fn main() {}
