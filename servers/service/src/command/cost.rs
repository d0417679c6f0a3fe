//! What the service costs with forwith, beside plain code, where all clients stay.

use std::error::Error as StdError;
use std::time::Duration;

use super::table::{line, median, millis, percentile};
use crate::check::{Process, Servers};
use crate::load::{self, Ask, Plan};
use crate::options::{Kind, Load};

/// What a run has cost.
struct Cost {
    cpu: Duration,
    p50: Duration,
    p99: Duration,
}

/// Runs both kinds in turn, with requests that are the same, and prints the ratios.
///
/// # Errors
///
/// A server is not installed or does not come up, or a service fails.
pub async fn cost(options: Load) -> Result<(), Box<dyn StdError>> {
    let servers = Servers::start(false)?;
    let kinds = [Kind::Plain, Kind::Forwith];
    let mut ratios: [Vec<f64>; 3] = Default::default();
    line("", ["p50", "p99", "user + system"].map(String::from));
    for round in 1..=options.runs {
        let mut costs = Vec::new();
        // Each goes first in every second round.
        let order = if round % 2 == 0 { [1, 0] } else { [0, 1] };
        for place in order {
            let kind = kinds[place];
            let cost = run(kind, &servers, options, round).await?;
            let times = [cost.p50, cost.p99, cost.cpu].map(millis);
            line(&format!("round {round}, {kind}"), times);
            costs.push((place, cost));
        }
        costs.sort_by_key(|(place, _)| *place);
        let [(_, plain), (_, forwith)] = &costs[..] else {
            unreachable!("there are two")
        };
        let over = |of: fn(&Cost) -> Duration| of(forwith).as_secs_f64() / of(plain).as_secs_f64();
        let new = [
            over(|cost| cost.p50),
            over(|cost| cost.p99),
            over(|cost| cost.cpu),
        ];
        ratios
            .iter_mut()
            .zip(new)
            .for_each(|(all, ratio)| all.push(ratio));
    }
    let medians = ratios.map(|ratios| format!("{:.3}", median(ratios)));
    line("median of forwith over plain", medians);
    Ok(())
}

async fn run(
    kind: Kind,
    servers: &Servers,
    options: Load,
    round: u64,
) -> Result<Cost, Box<dyn StdError>> {
    // The keys are those of the round and kind, or the second kind would find them in the ledger.
    let plan = Plan {
        requests: options.requests,
        seed: round,
        rude: options.rude,
        name: kind.to_string(),
    };
    let service = Process::start(kind, servers).await?;
    let before = service.cpu();
    let asked = load::run(service.address, &plan, options.connections, || true).await;
    let cpu = service.cpu().saturating_sub(before);
    service.stop().await?;
    let transfers = asked
        .iter()
        .filter(|asked| matches!(asked.ask, Ask::Transfer(_)));
    let well = transfers.filter(|asked| asked.ended_well());
    let times: Vec<_> = well.map(|asked| asked.took).collect();
    Ok(Cost {
        cpu,
        p50: percentile(times.clone(), 50),
        p99: percentile(times, 99),
    })
}
