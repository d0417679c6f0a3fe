#![deny(unused_must_use)]

async fn square(x: u64) -> u64 {
    x * x
}

async fn cube(x: u64) {
    square(x);
}

fn main() {
    cube(5);
}
