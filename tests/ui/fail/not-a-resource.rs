use forwith::async_with;

async fn list() {
    let _ = async_with!(vec![1] as list, { list.len() });
}

fn main() {}
