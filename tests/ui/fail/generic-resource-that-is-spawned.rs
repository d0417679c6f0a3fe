use std::future::Future;
use std::sync::Arc;

use forwith::{AsyncExit, async_with};

trait Store: Send + Sync + 'static {
    type Tx: AsyncExit<Error = String> + Send + 'static;

    fn begin(&self) -> impl Future<Output = Result<Self::Tx, String>> + Send;
}

async fn pay<S: Store>(store: Arc<S>) -> Result<(), String> {
    async_with!(store.begin() as _tx, {})
}

fn spawn(_: impl Future + Send + 'static) {}

fn serve<S: Store>(store: Arc<S>) {
    spawn(pay(store));
}

fn main() {}
