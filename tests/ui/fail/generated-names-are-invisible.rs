use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn with() -> Result<(), String> {
    async_with!(connect() as _db, {
        value;
        held;
        stay;
        entered;
        way;
        end;
        departed;
        inner;
        outer;
        body;
        resource;
        exit;
        running;
        member;
        trace;
        enter;
    })
}

async fn loops() {
    async_for!(
        #[until(std::future::pending::<()>())]
        for _ in numbers() {
            items;
            item;
            until;
            cx;
        }
    );
}

fn main() {}
