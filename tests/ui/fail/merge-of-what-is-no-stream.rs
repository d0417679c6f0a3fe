use forwith::{async_for, source::merge};
use futures::stream::{iter, once};

struct Receiver;

async fn of_receivers(one: Receiver, other: Receiver) {
    async_for!(for number in merge((one, other)) {
        println!("{number}");
    });
}

async fn of_a_stream_and_a_receiver(receiver: Receiver) {
    async_for!(for number in merge((iter([1]), receiver)) {
        println!("{number}");
    });
}

async fn of_a_list(receivers: Vec<Receiver>) {
    async_for!(for number in merge(receivers) {
        println!("{number}");
    });
}

async fn of_one_that_is_not_pinned() {
    let slow = once(async { 1 });
    async_for!(for number in merge((slow, iter([1, 2]))) {
        println!("{number}");
    });
}

fn main() {}
