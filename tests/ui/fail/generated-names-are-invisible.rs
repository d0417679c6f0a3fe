use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn with() -> Result<(), String> {
    async_with!(connect() as _db, connect() as _other, {
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
        __forwith_views;
        return Ok(());
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

async fn concurrent_loops() -> Vec<u32> {
    async_for!(
        #[concurrent(2)]
        #[collect]
        for number in numbers() {
            a_concurrent_loop_takes_no_items_that_are_lent;
            __forwith_ways;
            __forwith_limit;
            __forwith_crew;
            __forwith_collected;
            __forwith_fetched;
            __forwith_given;
            number
        }
    )
}

fn main() {}
