use forwith::async_for;

struct Queue(Vec<u8>);

impl Queue {
    async fn next(&mut self) -> Option<u8> {
        self.0.pop()
    }
}

async fn method_without_the_trait(mut queue: Queue) {
    async_for!(for byte in &mut queue {
        println!("{}", byte.count_ones());
    });
}

async fn parameter_without_a_bound<S>(source: S) {
    async_for!(for item in source {
        drop(item);
    });
}

fn main() {}
