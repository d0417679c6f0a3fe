async fn square(x: u64) -> u64 {
    x * x
}

async fn cube(x: u64) -> u64 {
    square(x) * x
}

fn one_more() -> u64 {
    square(4) + 1
}

async fn print() {
    let sixteen: u64 = square(4);
    println!("{sixteen} {}", square(4));
}

fn main() {}
