use forwith::async_for;
use support::numbers;

async fn drops() {
    let text = String::new();
    async_for!(
        #[concurrent(2)]
        for _ in numbers() {
            drop(text);
        }
    );
}

async fn breaks_with_it() -> Option<String> {
    let text = String::new();
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            if number == 3 {
                break text;
            }
        }
    )
}

async fn returns_it() -> String {
    let text = String::new();
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            if number == 3 {
                return text;
            }
        }
    );
    String::new()
}

fn main() {}
