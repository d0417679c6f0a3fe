//! Work with each resource can be spawned. It compiles, or does not.

use async_tempfile::{Error, TempDir, TempFile};
use forwith::async_with;
use forwith_resources::async_tempfile::{file, folder};
use tokio::io::AsyncWriteExt;

fn spawned<F: Future + Send + 'static>(_: fn() -> F) {}

#[test]
fn work_with_a_resource_of_async_tempfile_is_send() {
    async fn work() -> Result<(), Error> {
        async_with!(folder(TempDir::new()) as folder, {
            let inside = folder.dir_path().clone();
            async_with!(file(TempFile::new_in(inside)) as file, {
                file.write_all(b"text").await?;
                folder.call(tokio::fs::read("file")).await?.len();
                file.persist_to("/");
            })?;
        })
    }
    spawned(work);
}
