// from:
//     'rows: for row in rows() {
//         for field in &row.fields {
//             if field.id == id {
//                 break 'rows row;
//             }
//         }
//     }
// into:

async fn expanded() {
  {
    use forwith::__private as __forwith;
    'ended: {
      __forwith::Some({
        #[allow(unused_imports)]
        use __forwith::SourceLoop as _;
        #[allow(unused_imports)]
        use __forwith::StreamOrSource as _;
        match __forwith::looped::<128u32, _>(rows()).items() {
          mut items => {
            'rows: loop {
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
                    for field in &row.fields {
                      if field.id == id {
                        break 'rows row;
                      }
                    }
                  }
                }
                __forwith::None => break 'ended __forwith::None,
              }
            }
          }
        }
      })
    }
  }
}
