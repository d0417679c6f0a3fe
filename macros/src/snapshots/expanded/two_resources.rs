// from:
//     connect(url) as db, db.begin() as (tx, id), {
//         tx.insert(id).await?;
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
                                    let entered = hold(AsyncEnter::enter(db.begin()).await);
                                    let (outer, inner) = Returns::pair();
                                    if false {
                                        return outer.value();
                                    }
                                    let mut value = None;
                                    let way = 'entered: {
                                        let mut held = match moved(entered) {
                                            Ok(held) => held,
                                            Err(error) => break 'entered Err(error),
                                        };
                                        let leaving = Leaving::new();
                                        let end = moved({
                                            let (tx, id) = held.resource();
                                            let body = pin!(
                                                Some(async {
                                                    if false {
                                                        return inner.value();
                                                    }
                                                    let departed = '__scope1: {
                                                        let end = match () {
                                                            () => {
                                                                tx.insert(id).await?;
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
                                        Ok(Way::Jump(_)) => unreachable!(),
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
            Ok(Way::Jump(0)) => taken(value),
            Ok(Way::Jump(_)) => unreachable!(),
        }
    }
}
