use forwith::async_for;

struct Queue(Vec<u8>);

async fn method_without_the_trait(mut queue: Queue) {
    async_for!(
        #[concurrent(2)]
        for byte in &mut queue {
            println!("{}", byte.count_ones());
        }
    );
}

async fn iterator() -> Vec<i32> {
    async_for!(
        #[concurrent(2)]
        #[collect]
        for number in 0..10 {
            number + 1
        }
    )
}

async fn parameter_without_a_bound<S>(source: S) {
    async_for!(
        #[concurrent(2)]
        for item in source {
            drop(item);
        }
    );
}

fn main() {}
