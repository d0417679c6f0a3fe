//! Work with each resource can be spawned. It compiles, or does not.

use std::fs;
use std::io;

use forwith::async_with;
use forwith_resources::tempfile::{file, folder};

fn spawned<F: Future + Send + 'static>(_: fn() -> F) {}

#[test]
fn work_with_a_resource_of_tempfile_is_send() {
    async fn work() -> io::Result<()> {
        async_with!(folder() as folder, {
            let path = &*folder;
            async_with!(file().within(path.path()) as file, {
                file.run(|_| ()).await;
                folder.run(|path| fs::read_dir(path).map(drop)).await?;
                folder.call(tokio::fs::read("file")).await?.len();
                file.persist_to("/");
            })?;
        })
    }
    spawned(work);
}
