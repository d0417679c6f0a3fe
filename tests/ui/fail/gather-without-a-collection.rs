use forwith_runtime::gather;

async fn cube(x: u64) -> u64 {
    x * x * x
}

async fn several_arguments() {
    gather(cube(3), cube(4), cube(5)).await;
}

async fn a_tuple() {
    let cubes = gather((cube(3), cube(4))).await;
    drop(cubes);
}

async fn a_single_one() {
    let cubes = gather(cube(3)).await;
    drop(cubes);
}

fn main() {}
