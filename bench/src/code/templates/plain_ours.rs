use forwith::{AsyncExit, Outcome, async_for, async_with};

struct Resource(u32);

impl AsyncExit for Resource {
    type Error = String;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), String> {
        tick().await;
        if outcome.is_completed() { Ok(()) } else { Err("not completed".into()) }
    }
}

async fn open(number: u32) -> Result<Resource, String> {
    tick().await;
    Ok(Resource(number))
}

async fn tick() {
    std::future::poll_fn(|_| std::task::Poll::Ready(())).await;
}

// --- each use ---
fn use_$n<'a>(text: &'a str, items: &'a [u32]) -> Boxed<'a> {
    let space = Space::<$n>::NEW;
    Box::pin(async move {
        let _space = space;
        let sum = async_with!(open($n) as resource, {
            let first: u32 = text.parse::<u32>().map_err(|error| error.to_string())?;
            tick().await;
            let mut sum = resource.0 + first;
            async_for!(for item in futures::stream::iter(items) {
                sum += *item;
                tick().await;
                if sum > 1000 + $n {
                    break;
                }
            });
            sum
        })?;
        Ok(sum + $n)
    })
}
