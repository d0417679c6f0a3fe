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
      __forwith::Some(
        match __forwith::items::<128u32, _, _>(rows()) {
          mut items => {
            'rows: loop {
              match loop {
                let cx = __forwith::ThisPoll.await;
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
        },
      )
    }
  }
}
