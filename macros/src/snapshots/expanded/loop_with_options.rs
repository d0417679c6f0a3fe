// from:
//     #[until(shutdown.recv())]
//     #[yield_every(never)]
//     for row in rows() {
//         print(row).await;
//     }
// into:

async fn expanded() {
    {
        use forwith::__private as __forwith;
        match __forwith::until(shutdown.recv()) {
            mut until => {
                match __forwith::items::<{ __forwith::NEVER }, _, _>(rows()) {
                    mut items => {
                        loop {
                            match __forwith::poll_fn(|cx| {
                                    if unsafe { __forwith::Until::has_come(&mut until, cx) } {
                                        return __forwith::Poll::Ready(__forwith::None);
                                    }
                                    unsafe { __forwith::Items::poll_next(&mut items, cx) }
                                })
                                .await
                            {
                                __forwith::Some(item) => {
                                    #[allow(clippy::no_effect_underscore_binding)]
                                    let row = item;
                                    {
                                        print(row).await;
                                    }
                                }
                                __forwith::None => break (),
                            }
                        }
                    }
                }
            }
        }
    }
}
