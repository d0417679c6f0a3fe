// from:
//     for row in rows() {
//         print(row).await;
//     }
// into:

async fn expanded() {
    {
        use forwith::__private as __forwith;
        match __forwith::items::<128u32, _, _>(rows()) {
            mut items => {
                loop {
                    match __forwith::poll_fn(|cx| {
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
