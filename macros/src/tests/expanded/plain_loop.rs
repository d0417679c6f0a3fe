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
          match loop {
            let cx = __forwith::ThisPoll.await;
            match unsafe { __forwith::Items::poll_next(&mut items, cx) } {
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
