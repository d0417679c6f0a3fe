// from:
//     #[yield_evry(3)]
//     for row in rows() {
//         print(row).await;
//     }
// into:

async fn expanded() {
  {
    let value = {
      {
        use forwith::__private as __forwith;
        {
          #[allow(unused_imports)]
          use __forwith::SourceLoop as _;
          #[allow(unused_imports)]
          use __forwith::StreamOrSource as _;
          match __forwith::looped::<128u32, _>(rows()).items() {
            mut items => {
              loop {
                match loop {
                  let cx = __forwith::ThisPoll.await;
                  if let __forwith::Poll::Ready(next) = unsafe {
                    items.poll_next(cx)
                  } {
                    break next;
                  }
                  if let __forwith::Some(given) = items.wait().await {
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
    };
    ::core::compile_error! {
      "unknown option: there are `until(future)`, `yield_every(n)`, `concurrent(n)` and `collect`"
    }
    value
  }
}
