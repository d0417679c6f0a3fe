// from:
//     #[concurrent(n)]
//     'rows: for row in rows() {
//         if row.is_empty() {
//             continue;
//         }
//         if row.id == id {
//             break row;
//         }
//         if row.is_last() {
//             break 'search;
//         }
//         print(row).await?;
//     }
// into:

async fn expanded() {
  {
    use forwith::__private as __forwith;
    'ended: {
      match {
        #[allow(unused_imports)]
        use __forwith::SourceLoop as _;
        #[allow(unused_imports)]
        use __forwith::StreamOrSource as _;
        let (outer, inner) = __forwith::Returns::pair();
        #[allow(unreachable_code, clippy::diverging_sub_expression)]
        if false {
          return __forwith::Returns::value(outer);
        }
        let ways = __forwith::Ways::new();
        let stored0_1_shared = __forwith::Slot::new();
        match __forwith::limit(n) {
          limit => {
            match __forwith::looped::<128u32, _>(rows()).items() {
              items => {
                #[allow(clippy::redundant_pattern)]
                let mut a_concurrent_loop_takes_no_items_that_are_lent @ _ = __forwith::moved(
                  items,
                );
                let mut crew = a_concurrent_loop_takes_no_items_that_are_lent
                  .crew(
                    limit,
                    __forwith::Nothing,
                    &ways,
                    inner,
                    __forwith::what_bodies_change_is_a_Cell_or_behind_a_lock!(
                      fetched,
                      {
                        #[allow(unreachable_code, clippy::diverging_sub_expression)]
                        if false {
                          return __forwith::Fetched::returned(&fetched);
                        }
                        let departed = {
                          let mut stored0_1 = __forwith::None;
                          let departed = '__forwith0: {
                            '__within0: {
                              #[allow(clippy::no_effect_underscore_binding)]
                              let row = __forwith::Fetched::item(fetched);
                              let end: () = match () {
                                () => {
                                  if row.is_empty() {
                                    break '__within0 __forwith::Ok(0);
                                  }
                                  if row.id == id {
                                    break '__within0 __forwith::carry(
                                      1,
                                      row,
                                      __forwith::Some,
                                      &mut stored0_1,
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
                                  if row.is_last() {
                                    break '__within0 __forwith::Ok(2);
                                  }
                                  print(row).await?;
                                }
                              };
                              #[allow(unreachable_code)]
                              let departed = __forwith::Ok(0);
                              departed
                            }
                          };
                          if let __forwith::Ok(1) | __forwith::Err(1) = departed {
                            __forwith::Slot::put(&stored0_1_shared, stored0_1);
                          }
                          departed
                        };
                        match __forwith::Ways::depart(&ways, departed).await {}
                      },
                    ),
                  );
                match () {
                  #[allow(clippy::never_loop)]
                  () => {
                    match 'rows: loop {
                      let way = {
                        let mut given = __forwith::Poll::Pending;
                        loop {
                          {
                            let cx = __forwith::ThisPoll.await;
                            let given = __forwith::moved(given);
                            unsafe {
                              __forwith::run_turn(
                                &mut crew,
                                cx,
                                given,
                                || {
                                  a_concurrent_loop_takes_no_items_that_are_lent.poll_next(cx)
                                },
                              );
                            }
                          }
                          given = match __forwith::SendIfWhatBodiesShareIsSync::wait(
                              &mut crew,
                              a_concurrent_loop_takes_no_items_that_are_lent.wait(),
                            )
                            .await
                          {
                            __forwith::Waited::Given(given) => {
                              __forwith::Poll::Ready(given.next())
                            }
                            __forwith::Waited::Polled => __forwith::Poll::Pending,
                            __forwith::Waited::Over(way) => break way,
                          };
                        }
                      };
                      match way {
                        __forwith::Way::Return(value) => return value,
                        __forwith::Way::Jump(1) => {
                          break __forwith::Slot::value(&stored0_1_shared);
                        }
                        __forwith::Way::Jump(2) => break 'search,
                        __forwith::Way::Jump(_) => break 'ended __forwith::None,
                      }
                    } {
                      #[allow(unreachable_code)]
                      value => value,
                    }
                  }
                }
              }
            }
          }
        }
      } {
        #[allow(unreachable_code)]
        value => __forwith::Some(value),
      }
    }
  }
}
