//! `async_for!` in every form.

use core::future::pending;

use forwith::async_for;
use futures::executor::block_on;
use futures::stream::{self, Stream};

fn numbers() -> impl Stream<Item = u32> {
    stream::iter(0_u32..10_u32)
}

async fn bodies() -> u32 {
    let mut count: u32 = 0;
    async_for!(for _ in numbers() {});
    async_for!(for _number in numbers() {});
    async_for!(for number in numbers() {
        count = count.max(number);
    });
    async_for!(for number in numbers() {
        count = count.max(number)
    });
    async_for!(for mut number in numbers() {
        number = number.saturating_add(1);
        count = count.max(number);
    });
    async_for!(for (first, _) in stream::iter([(1_u32, 2_u32)]) {
        count = count.max(first);
    });
    count
}

async fn jumps() -> u32 {
    let mut sum: u32 = 0;
    async_for!(for number in numbers() {
        if number == 3 {
            continue;
        }
        if number == 7 {
            break;
        }
        sum = sum.saturating_add(number);
    });
    async_for!('outer: for one in numbers() {
        async_for!(for other in numbers() {
            if other == 3 {
                continue 'outer;
            }
            if one == 3 {
                break 'outer;
            }
            sum = sum.saturating_add(other);
        });
    });
    sum
}

async fn values() -> Option<u32> {
    let found = async_for!(for number in numbers() {
        if number == 3 {
            break number;
        }
    })?;
    async_for!('numbers: for number in numbers() {
        if number == found {
            break 'numbers number;
        }
    })
}

async fn else_clause(wanted: u32) -> u32 {
    let Some(found) = async_for!(for number in numbers() {
        if number == wanted {
            break number;
        }
    }) else {
        return 0;
    };
    found
}

async fn options<const N: u32>() -> u32 {
    let mut sum: u32 = 0;
    async_for!(
        #[until(pending::<()>())]
        for number in numbers() {
            sum = sum.saturating_add(number);
        }
    );
    async_for!(
        #[yield_every(3)]
        for number in numbers() {
            sum = sum.saturating_add(number);
        }
    );
    async_for!(
        #[yield_every(N)]
        for number in numbers() {
            sum = sum.saturating_add(number);
        }
    );
    async_for!(
        #[until(pending::<()>())]
        #[yield_every(never)]
        'numbers: for number in numbers() {
            if number == 5 {
                break 'numbers;
            }
            sum = sum.saturating_add(number);
        }
    );
    sum
}

async fn bodies_that_return() -> u32 {
    async_for!(for number in numbers() {
        if number == 3 {
            return number;
        }
    });
    0
}

async fn borrowed() -> u32 {
    let mut stream = stream::iter([1_u32, 2_u32, 3_u32]);
    async_for!(for number in &mut stream {
        if number == 1 {
            break;
        }
    });
    let mut rest = 0;
    async_for!(for number in stream {
        rest = number;
    });
    rest
}

async fn values_under_cfg() -> Option<u32> {
    async_for!(for number in stream::iter([1_u32, 2_u32, 3_u32]) {
        #[cfg(any())]
        if number > 1 {
            break number;
        }
        if number > 2 {
            break;
        }
    });
    async_for!(for number in stream::iter([1_u32, 2_u32, 3_u32]) {
        #[cfg(all())]
        if number > 1 {
            break number;
        }
    })
}

#[test]
fn no_lint_fires_on_loops() {
    block_on(async {
        assert_eq!(bodies().await, 10);
        assert_eq!(jumps().await, 18 + 9);
        assert_eq!(values().await, Some(3));
        assert_eq!(else_clause(3).await, 3);
        assert_eq!(else_clause(30).await, 0);
        assert_eq!(options::<4>().await, 45 * 3 + 10);
        assert_eq!(bodies_that_return().await, 3);
        assert_eq!(borrowed().await, 3);
        assert_eq!(values_under_cfg().await, Some(2));
    });
}
