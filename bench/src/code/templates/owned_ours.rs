use forwith::{AsyncExit, Outcome, async_for, async_with};

/// Waits for one poll, out of the optimiser's sight.
async fn wait() {
    let mut was_polled = false;
    std::future::poll_fn(|context| poll(context, &mut was_polled)).await;
}

#[inline(never)]
fn poll(context: &mut std::task::Context<'_>, was_polled: &mut bool) -> std::task::Poll<()> {
    if std::mem::replace(was_polled, true) {
        return std::task::Poll::Ready(());
    }
    context.waker().wake_by_ref();
    std::task::Poll::Pending
}

// --- each resource ---
struct Resource$t {
    name: String,
    rows: Vec<String>,
}

impl AsyncExit for Resource$t {
    type Error = String;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), String> {
        wait().await;
        if outcome.is_completed() { Ok(()) } else { Err(self.name) }
    }
}

async fn open_$t(name: String) -> Result<Resource$t, String> {
    wait().await;
    Ok(Resource$t { name, rows: Vec::new() })
}

// --- each use ---
fn use_$n<'a>(text: &'a str, items: &'a [u32]) -> Boxed<'a> {
    let space = Space::<$n>::NEW;
    Box::pin(async move {
        let _space = space;
        let title = text.repeat(3);
        let count = async_with!(open_$t(title.clone()) as resource, {
            let scale: Box<dyn Fn(u32) -> u32> = Box::new(move |item| item + $n);
            wait().await;
            let first: u32 = text.parse::<u32>().map_err(|error| error.to_string())?;
            let mut seen = vec![first];
            async_for!(for item in futures::stream::iter(items) {
                let row = title.clone();
                wait().await;
                if *item > 5 + $n % 5 {
                    break;
                }
                resource.rows.push(row);
                seen.push(scale(*item));
            });
            resource.rows.len() as u32 + seen.iter().sum::<u32>()
        })?;
        Ok(count + title.len() as u32)
    })
}
