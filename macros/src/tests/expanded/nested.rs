// from:
//     connect(url) as outer, {
//         async_for!('rows: for row in outer.rows() {
//             async_with!(connect(row.url) as inner, {
//                 match inner.find(id).await? {
//                     None => continue,
//                     Some(field) if field.is_last() => break 'rows,
//                     Some(field) => break 'search field,
//                 }
//             })?;
//         });
//     }
// into:

async fn expanded() {
  {
    use forwith::__private as __forwith;
    {
      __forwith::Checkpoint.await;
      let mut value0: __forwith::Carried<
        _,
        _,
        __forwith::Infallible,
        __forwith::Infallible,
        __forwith::Infallible,
        __forwith::Infallible,
        __forwith::Infallible,
        __forwith::Infallible,
      > = __forwith::Carried::None;
      let entered = match (connect(url)) {
        resource => {
          __forwith::enter(resource, __forwith::AsyncEnter::enter).await
        }
      };
      let way = 'entered: {
        let mut held = match __forwith::moved(entered) {
          __forwith::Ok(held) => held,
          __forwith::Err(error) => break 'entered __forwith::Err(error),
        };
        let mut stay = __forwith::Held::stay(&held);
        let mut member = __forwith::Held::member(&held);
        let mut end = __forwith::moved({
          use __forwith::Bind as _;
          let outer = __forwith::Held::resource(&mut held).bind();
          let code = __forwith::Code::Runs {
            code: {
              #[cfg_attr(not(debug_assertions), inline(always))]
              async {
                #[allow(unreachable_code, clippy::diverging_sub_expression)]
                if false {
                  return __forwith::unreached();
                }
                if false {
                  let _ = &mut *outer;
                }
                let departed = '__forwith0: {
                  let end = match () {
                    () => {
                      async_for!(
                        'rows: for row in outer.rows() {
                          async_with!(
                            connect(row.url) as inner,
                            {
                              match inner.find(id).await? {
                                None => continue,
                                Some(field) if field.is_last() => break 'rows,
                                Some(field) => {
                                  break '__forwith0 __forwith::carry(
                                    1,
                                    field,
                                    __forwith::Carried::A,
                                    &mut value0,
                                    |views| {
                                      #[allow(unreachable_code, clippy::diverging_sub_expression)]
                                      if false {
                                        __forwith::known(views, __forwith::value(views) as _)
                                      } else {
                                        __forwith::has_failed(views, views as _)
                                      }
                                    },
                                  );
                                }
                              }
                            },
                          )?;
                        },
                      );
                    }
                  };
                  #[allow(unreachable_code)]
                  let departed = {
                    let views = &__forwith::views(&end);
                    let failed = __forwith::is_error(views);
                    __forwith::carry_end(
                      end,
                      __forwith::Carried::End,
                      &mut value0,
                      failed,
                    )
                  };
                  departed
                };
                match __forwith::leave(departed, &stay).await {}
              }
            },
            stay: &stay,
          };
          let body = __forwith::pin!(__forwith::Body {
            code: code,
            member: &mut member,
          });
          __forwith::Drive {
            body: body,
            judge: __forwith::Outermost,
          }
            .await
        });
        let exit = __forwith::begin_exit(
            held,
            &mut stay,
            &mut end,
            &mut member,
            __forwith::AsyncExit::exit,
          )
          .await;
        __forwith::Stay::settle(&mut stay, end, member, exit)
      };
      match way {
        __forwith::Err(error) => __forwith::failed(error),
        __forwith::Ok(__forwith::Way::Return(value)) => return value,
        __forwith::Ok(__forwith::Way::Jump(1)) => break 'search value0.unwrap_a(),
        __forwith::Ok(__forwith::Way::Jump(_)) => {
          __forwith::Ok(__forwith::Stored::take(value0))
        }
      }
    }
  }
}
