// from:
//     #[concurrent(unlimited)]
//     #[collect]
//     for row in rows() {
//         print(row).await
//     }
// into:

async fn expanded() {
  {
    use forwith::__private as __forwith;
    {
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
      let collected = __forwith::Slot::new();
      match __forwith::unlimited() {
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
                  __forwith::Values::of(&collected),
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
                        let departed = '__forwith0: {
                          '__within0: {
                            #[allow(clippy::no_effect_underscore_binding)]
                            let row = __forwith::Fetched::item(fetched);
                            let end = match () {
                              () => print(row).await,
                            };
                            #[allow(unreachable_code)]
                            let departed = __forwith::hand_over(end, &collected);
                            departed
                          }
                        };
                        departed
                      };
                      match __forwith::Ways::depart(&ways, departed).await {}
                    },
                  ),
                );
              match () {
                #[allow(clippy::never_loop)]
                () => {
                  match loop {
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
                      __forwith::Way::Jump(_) => break (),
                    }
                  } {
                    #[allow(unreachable_code)]
                    value => {
                      value;
                      __forwith::SendIfWhatBodiesShareIsSync::into_values(crew)
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
