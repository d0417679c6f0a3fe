use futures::{FutureExt, StreamExt};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;

enum Outcome {
    Completed,
    Failed,
    Panicked,
}

impl Outcome {
    fn is_completed(&self) -> bool {
        matches!(self, Outcome::Completed)
    }
}

struct Resource(u32);

impl Resource {
    async fn exit(self, outcome: Outcome) -> Result<(), String> {
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
        let resource = open($n).await?;
        let body = AssertUnwindSafe(async {
            let first: u32 = text.parse::<u32>().map_err(|error| error.to_string())?;
            tick().await;
            let mut sum = resource.0 + first;
            let mut stream = pin!(futures::stream::iter(items));
            while let Some(item) = stream.next().await {
                sum += *item;
                tick().await;
                if sum > 1000 + $n {
                    break;
                }
            }
            Ok::<u32, String>(sum)
        });
        let caught = body.catch_unwind().await;
        let outcome = match &caught {
            Ok(Ok(_)) => Outcome::Completed,
            Ok(Err(_)) => Outcome::Failed,
            Err(_) => Outcome::Panicked,
        };
        let exited = resource.exit(outcome).await;
        let sum = match caught {
            Ok(Ok(sum)) => exited.map(|()| sum),
            Ok(Err(error)) => Err(error),
            Err(panic) => resume_unwind(panic),
        }?;
        Ok(sum + $n)
    })
}
