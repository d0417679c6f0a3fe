use forwith::async_with;

async fn body_only() {
    async_with!({ 1 })
}

async fn comma_first() {
    async_with!(, { 1 })
}

fn main() {}
