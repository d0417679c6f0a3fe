use forwith_runtime::gather;

async fn length(word: &str) -> usize {
    word.len()
}

async fn lengths() {
    let word = String::from("cow");
    let lengths = gather([length(&word)]).await;
    drop(lengths);
}

fn main() {}
