//! How do I loop over a stream? With `async_for!`: while the next page is fetched, others run.

use std::time::Duration;

use forwith::async_for;
use forwith_runtime::mock::{Error, RemoteContainer};
use forwith_runtime::{Executor, sleep, spawn};

async fn count_to_three() {
    for n in 1..=3 {
        sleep(Duration::from_millis(40)).await;
        println!("  … meanwhile: {n}");
    }
}

async fn find<'a>(animals: &RemoteContainer<&'a str>, wanted: char) -> Result<&'a str, Error> {
    let found = async_for!(for animal in animals {
        let animal = animal?; // fetching a page may fail
        println!("{animal}");
        if animal.starts_with(wanted) {
            break animal;
        }
    });
    Ok(found.unwrap_or("nothing"))
}

fn main() -> Result<(), Error> {
    let animals = RemoteContainer::new(["cat", "cow", "dog", "owl", "pig"]).with_page_size(2);
    Executor::with_virtual_clock().block_on(async {
        spawn(count_to_three());
        let found = find(&animals, 'd').await?;
        println!("with d: {found}");
        assert_eq!(found, "dog");
        Ok(())
    })
}
