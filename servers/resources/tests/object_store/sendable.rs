//! Work with each resource can be spawned. It compiles, or does not.

use std::io;
use std::sync::Arc;

use forwith::async_with;
use forwith_resources::object_store::{buffered, upload};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, Result};
use tokio::io::AsyncWriteExt;

fn spawned<A, F: Future + Send + 'static>(_: fn(A) -> F) {}

#[test]
fn work_with_a_resource_of_object_store_is_send() {
    async fn parts(store: Arc<dyn ObjectStore>) -> Result<()> {
        let path = Path::from("object");
        async_with!(upload(&store, &path) as upload, {
            upload.put("part").await?;
            let other = Arc::new(InMemory::new());
            let seen = &*upload;
            async_with!(super::sendable::upload(&other, &path) as inner, {
                inner.put(format!("{seen:?}")).await?;
            })?;
        })
    }
    async fn bytes(store: Arc<dyn ObjectStore>) -> io::Result<()> {
        async_with!(buffered(&store, &Path::from("object")) as object, {
            object.write_all(b"all").await?;
        })
    }
    spawned(parts);
    spawned(bytes);
}
