//! A load of clients, of which some stay for their answer, and some do not.

mod asked;
mod patient;
mod plan;
mod rude;

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::Instant;

use futures_util::future::join_all;

pub use asked::{Asked, End};
pub use plan::{Ask, Manner, Plan};

use patient::Patient;

/// Lets so many clients at once ask until all of the plan has been asked, or nobody wants more.
/// Gives what became of each request, in no order.
pub async fn run(
    address: SocketAddr,
    plan: &Plan,
    connections: usize,
    goes_on: impl Fn() -> bool,
) -> Vec<Asked> {
    let next = Cell::new(0);
    let all = RefCell::new(Vec::new());
    let clients = (0..connections).map(|_| async {
        let mut patient = Patient::new(address);
        while next.get() < plan.requests && goes_on() {
            let number = next.replace(next.get() + 1);
            let (ask, manner) = plan.get(number);
            let begun = Instant::now();
            let end = match manner {
                Manner::Stays => patient.ask(&ask).await,
                manner => rude::ask(address, manner, &ask, &plan.second(number)).await,
            };
            let took = begun.elapsed();
            all.borrow_mut().push(Asked {
                ask,
                manner,
                end,
                took,
            });
        }
    });
    join_all(clients).await;
    all.into_inner()
}
