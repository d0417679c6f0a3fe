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
              match loop {
                let cx = __forwith::ThisPoll.await;
                if __forwith::Poll::is_ready(
                  &unsafe { __forwith::Until::poll_end(&mut until, cx) },
                ) {
                  break __forwith::None;
                }
                match unsafe {
                  __forwith::Items::poll_next(&mut items, cx)
                } {
                  __forwith::Poll::Ready(next) => break next,
                  __forwith::Poll::Pending => __forwith::NextPoll::new().await,
                }
              } {
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
