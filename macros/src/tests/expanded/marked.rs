// from:
//     connect(url) as db, db.begin() as tx, {
//         if tx.is_full() {
//             return mark_failed!(refusal());
//         }
//         async_with!(tx.savepoint() as inner, {
//             inner.insert(row).await.unwrap_or_else(|_| mark_failed!());
//         })?;
//     }
// into:

async fn expanded() {
  {
    use forwith::__private as __forwith;
    {
      __forwith::Checkpoint.await;
      let (outer, inner) = __forwith::Returns::pair();
      #[allow(unreachable_code, clippy::diverging_sub_expression)]
      if false {
        return __forwith::Returns::value(outer);
      }
      let mut value0 = __forwith::None;
      let marked = &__forwith::Mark::new();
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
          let db = __forwith::Held::resource(&mut held).bind();
          let code = __forwith::Code::Runs {
            code: {
              #[cfg_attr(not(debug_assertions), inline(always))]
              async {
                #[allow(unreachable_code, clippy::diverging_sub_expression)]
                if false {
                  return __forwith::Returns::value(inner);
                }
                if false {
                  let _ = &mut *db;
                }
                let departed = '__forwith0: {
                  let end = match () {
                    () => {
                      __forwith::Checkpoint.await;
                      let (outer, inner) = __forwith::Returns::pair();
                      #[allow(unreachable_code, clippy::diverging_sub_expression)]
                      if false {
                        return __forwith::Returns::value(outer);
                      }
                      let mut value1 = __forwith::None;
                      let entered = match (db.begin()) {
                        resource => {
                          __forwith::enter(resource, __forwith::AsyncEnter::enter)
                            .await
                        }
                      };
                      let way = 'entered: {
                        let mut held = match __forwith::moved(entered) {
                          __forwith::Ok(held) => held,
                          __forwith::Err(error) => {
                            break 'entered __forwith::Err(error);
                          }
                        };
                        let mut stay = __forwith::Held::stay(&held);
                        let mut member = __forwith::Held::member(&held);
                        let mut end = __forwith::moved({
                          use __forwith::Bind as _;
                          let tx = __forwith::Held::resource(&mut held).bind();
                          let code = __forwith::Code::Runs {
                            code: {
                              #[cfg_attr(not(debug_assertions), inline(always))]
                              async {
                                #[allow(unreachable_code, clippy::diverging_sub_expression)]
                                if false {
                                  return __forwith::Returns::value(inner);
                                }
                                if false {
                                  let _ = &mut *tx;
                                }
                                let departed = '__forwith1: {
                                  let end = match () {
                                    () => {
                                      if tx.is_full() {
                                        return mark_failed!(@ marked 0 refusal());
                                      }
                                      async_with!(
                                        tx.savepoint() as inner,
                                        {
                                          inner
                                            .insert(row)
                                            .await
                                            .unwrap_or_else(|_| mark_failed!(@ marked 1));
                                        },
                                      )?;
                                    }
                                  };
                                  #[allow(unreachable_code)]
                                  let departed = {
                                    let views = &__forwith::views(&end);
                                    let failed = __forwith::is_error(views);
                                    __forwith::carry_end(
                                      end,
                                      __forwith::Some,
                                      &mut value1,
                                      failed,
                                    )
                                  };
                                  departed
                                };
                                match __forwith::leave(
                                    __forwith::Mark::judge(marked, departed),
                                    &stay,
                                  )
                                  .await
                                {}
                              }
                            },
                            stay: &stay,
                          };
                          let body = __forwith::pin!(__forwith::Body {
                            code: code,
                            member: &mut member,
                          });
                          __forwith::drive(
                              body,
                              |views| {
                                __forwith::Mark::is_set(marked)
                                  || {
                                    #[allow(unreachable_code, clippy::diverging_sub_expression)]
                                    if false {
                                      __forwith::known(views, __forwith::value(views) as _)
                                    } else {
                                      __forwith::has_failed(views, views as _)
                                    }
                                  }
                              },
                            )
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
                        __forwith::Ok(__forwith::Way::Jump(_)) => {
                          __forwith::Ok(__forwith::Stored::take(value1))
                        }
                      }
                    }
                  };
                  #[allow(unreachable_code)]
                  let departed = {
                    let views = &__forwith::views(&end);
                    let failed = __forwith::is_error(views);
                    __forwith::carry_end(
                      end,
                      __forwith::Some,
                      &mut value0,
                      failed,
                    )
                  };
                  departed
                };
                match __forwith::leave(
                    __forwith::Mark::judge(marked, departed),
                    &stay,
                  )
                  .await
                {}
              }
            },
            stay: &stay,
          };
          let body = __forwith::pin!(__forwith::Body {
            code: code,
            member: &mut member,
          });
          __forwith::drive(
              body,
              |views| {
                __forwith::Mark::is_set(marked)
                  || {
                    #[allow(unreachable_code, clippy::diverging_sub_expression)]
                    if false {
                      __forwith::known(views, __forwith::value(views) as _)
                    } else {
                      __forwith::has_failed(views, views as _)
                    }
                  }
              },
            )
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
      let error = __forwith::error_of(&way);
      match way {
        __forwith::Err(error) => __forwith::failed(error),
        __forwith::Ok(__forwith::Way::Return(value)) => return value,
        __forwith::Ok(__forwith::Way::Jump(_)) => {
          match __forwith::Stored::take(value0) {
            __forwith::Ok(value) => __forwith::Ok(value),
            __forwith::Err(inner) => {
              __forwith::Err(__forwith::same_error(error, inner))
            }
          }
        }
      }
    }
  }
}
