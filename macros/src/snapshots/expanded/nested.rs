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
        let entered = hold(AsyncEnter::enter(connect(url)).await);
        let (outer, inner) = Returns::pair();
        if false {
            return outer.value();
        }
        let mut value = None;
        let mut __stored0_1 = None;
        let way = 'entered: {
            let mut held = match moved(entered) {
                Ok(held) => held,
                Err(error) => break 'entered Err(error),
            };
            let leaving = Leaving::new();
            let end = moved({
                let outer = held.resource();
                let body = pin!(
                    Some(async {
                        if false {
                            return inner.value();
                        }
                        let departed = '__scope0: {
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
                                                            break '__scope0 carry(1, field, &mut __stored0_1);
                                                        }
                                                    }
                                                },
                                            )?;
                                        },
                                    );
                                }
                            };
                            #[allow(unreachable_code)]
                            let departed = carry(0, end, &mut value);
                            departed
                        };
                        match leave(departed, &leaving).await {}
                    }),
                );
                Body::new(&leaving, body).await
            });
            let (resource, kind) = held.release();
            let exit = moved({
                let exit = pin!(AsyncExit::exit(resource, end.outcome()));
                Caught(exit).await
            });
            kind.settle(end, exit)
        };
        match way {
            Err(error) => Err(error),
            Ok(Way::Return(value)) => return value,
            Ok(Way::Jump(0)) => Ok(taken(value)),
            Ok(Way::Jump(1)) => break 'search taken(__stored0_1),
            Ok(Way::Jump(_)) => unreachable!(),
        }
    }
}
