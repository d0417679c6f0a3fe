// from:
//     #[until(shutdown.recv())]
//     #[yield_every(never)]
//     for row in rows() {
//         print(row).await;
//     }
// into:

async fn expanded() {
    match Until::new(IntoFuture::into_future(shutdown.recv())) {
        mut until => {
            match Items::<_, 0>::new(IntoStream::into_stream(rows())) {
                mut items => {
                    loop {
                        match poll_fn(|cx| {
                                if unsafe { until.has_come(cx) } {
                                    return Poll::Ready(None);
                                }
                                unsafe { items.poll_next(cx) }
                            })
                            .await
                        {
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
    }
}
