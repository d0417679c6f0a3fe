use forwith::{async_with, mark_failed};
use support::connect;

async fn refuses(is_refused: bool) -> Result<u16, String> {
    async_with!(connect(), {
        if is_refused {
            return mark_failed!(409);
        }
        if is_refused {
            mark_failed!(Ok(409))
        }
        200
    })
}

fn main() {}
