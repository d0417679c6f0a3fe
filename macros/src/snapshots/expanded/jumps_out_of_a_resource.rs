// from:
//     connect(url) as db, {
//         if db.is_empty() {
//             continue;
//         }
//         if let Some(row) = db.find(id).await? {
//             break 'search row;
//         }
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
        let mut __stored0_2 = None;
        let way = 'entered: {
            let mut held = match moved(entered) {
                Ok(held) => held,
                Err(error) => break 'entered Err(error),
            };
            let leaving = Leaving::new();
            let end = moved({
                let db = held.resource();
                let body = pin!(
                    Some(async {
                        if false {
                            return inner.value();
                        }
                        let departed = '__scope0: {
                            let end = match () {
                                () => {
                                    if db.is_empty() {
                                        break '__scope0 Ok(1);
                                    }
                                    if let Some(row) = db.find(id).await? {
                                        break '__scope0 carry(2, row, &mut __stored0_2);
                                    }
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
            Ok(Way::Jump(1)) => continue,
            Ok(Way::Jump(2)) => break 'search taken(__stored0_2),
            Ok(Way::Jump(_)) => unreachable!(),
        }
    }
}
