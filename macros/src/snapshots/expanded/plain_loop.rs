// from:
//     for row in rows() {
//         print(row).await;
//     }
// into:

async fn expanded() {
    match Items::<_, 128u32>::new(IntoStream::into_stream(rows())) {
        mut items => {
            loop {
                match poll_fn(|cx| { unsafe { items.poll_next(cx) } }).await {
                    Some(item) => {
                        let row = item;
                        {
                            print(row).await;
                        }
                    }
                    None => break,
                }
            }
        }
    }
}
