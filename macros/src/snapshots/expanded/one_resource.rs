// from:
//     connect(url) as db, {
//         db.insert(row).await?;
//         db.len()
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
                                    db.insert(row).await?;
                                    db.len()
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
}
