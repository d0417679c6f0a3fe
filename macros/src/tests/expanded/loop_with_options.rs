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
        #[allow(unused_imports)]
        use __forwith::SourceLoop as _;
        #[allow(unused_imports)]
        use __forwith::StreamOrSource as _;
        match __forwith::looped::<{ __forwith::NEVER }, _>(rows()).items() {
          mut items => {
            loop {
              match loop {
                let cx = __forwith::ThisPoll.await;
                if __forwith::Poll::is_ready(
                  &unsafe {
                    __forwith::Until::poll_end(
                      __forwith::Pin::new_unchecked(&mut until),
                      cx,
                    )
                  },
                ) {
                  break __forwith::None;
                }
                if let __forwith::Poll::Ready(next) = unsafe {
                  items.poll_next(cx)
                } {
                  break next;
                }
                if let __forwith::Some(given) = items
                  .wait_until(unsafe {
                    __forwith::Pin::new_unchecked(&mut until)
                  })
                  .await
                {
                  break given.next();
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
