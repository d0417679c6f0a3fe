use forwith::{async_with, mark_failed};
use support::connect;

async fn half_typed(is_refused: bool) -> Result<u16, String> {
    async_with!(connect() as db, {
        if is_refused {
            return mark_failed!(db.);
        }
        200
    })
}

fn main() {}
