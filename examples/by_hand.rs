//! You are the scheduler: two coroutines, stepped in turn by a script.

use std::time::Duration;

use forwith_runtime::{Coroutine, Finished, Reply, Step, sleep};

async fn cube(x: u64) -> u64 {
    for _ in 0..x {
        sleep(Duration::from_secs(1)).await;
    }
    x * x * x
}

fn main() -> Result<(), Finished> {
    let mut running = vec![
        ("cube(5)", Coroutine::new(cube(5))),
        ("cube(10)", Coroutine::new(cube(10))),
    ];
    let mut results = Vec::new();
    while !running.is_empty() {
        let mut waiting = Vec::new();
        for (name, mut coroutine) in running {
            match coroutine.send(Reply::Granted)? {
                Step::Yielded(request) => {
                    println!("{name}: {request}");
                    waiting.push((name, coroutine));
                }
                Step::Returned(result) => {
                    println!("{name} returned {result}");
                    results.push(result);
                }
            }
        }
        running = waiting;
    }
    assert_eq!(results, [125, 1000]);
    Ok(())
}
