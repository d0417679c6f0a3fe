use forwith::async_for;

async fn twice() {
    async_for!(
        #[until(std::future::pending::<()>())]
        #[until(std::future::ready(()))]
        #[yield_every(3)]
        #[yield_every(never)]
        for number in support::numbers() {
            drop(number);
        }
    );
}

fn main() {}
