use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn with() -> Result<(), String> {
    async_with!(connect() as _db, {
        __forwith_value0;
        __forwith_held;
        __forwith_stay;
        __forwith_entered;
        __forwith_way;
        __forwith_end;
        __forwith_departed;
        __forwith_inner;
        __forwith_outer;
        __forwith_body;
        __forwith_resource;
        __forwith_exit;
        __forwith_running;
        __forwith_member;
        __forwith_enter;
        __forwith_entering;
        __forwith_error;
    })
}

async fn loops() {
    async_for!(
        #[until(std::future::pending::<()>())]
        for _ in numbers() {
            __forwith_items;
            __forwith_item;
            __forwith_until;
            __forwith_cx;
            __forwith_next;
        }
    );
}

fn main() {}
