//! Both macros in every form, as rustfmt leaves them. This file is only formatted, never compiled.

async fn loops() -> Option<u32> {
    async_for!(for number in numbers() {
        sum += number;
    });
    async_for!('rows: for (index, Row { id, .. }) in rows().enumerate() {
        if index == id {
            continue 'rows;
        }
    });
    async_for!(
        #[until(shutdown.recv())]
        #[yield_every(3)]
        'rows: for row in rows() {
            if row.is_last() {
                break 'rows;
            }
        }
    );
    let Some(row) = async_for!(for row in rows() {
        if row.id == id {
            break row;
        }
    }) else {
        return None;
    };
    async_for!(for _ in numbers() {});
    async_for!(for number in numbers() {
        if number == row.id {
            break number;
        }
    })
}

async fn concurrent_loops() -> Vec<usize> {
    async_for!(
        #[concurrent(8)]
        for row in rows() {
            row.send().await;
        }
    );
    async_for!(
        #[until(shutdown.recv())]
        #[concurrent(limit * 2)]
        'rows: for (index, Row { id, .. }) in rows().enumerate() {
            if index == id {
                continue 'rows;
            }
        }
    );
    async_for!(
        #[concurrent(unlimited)]
        #[collect]
        for row in rows() {
            async_with!(connect() as db, { db.insert(row).await? })?
        }
    )
}

async fn resources() -> Result<usize, Error> {
    async_with!(connect() as db, { db.rows.len() })?;
    async_with!(connect(), {})?;
    async_with!(connect() as _, { ping().await })?;
    async_with!(connect() as (db, tx), {
        db.insert(tx, 1).await?;
    })?;
    async_with!(connect() as db, {
        if db.is_full() {
            return mark_failed!(refusal);
        }
        mark_failed!();
    })?;
    async_with!(pool.get() as &mut connection, {
        connection.ping().await?;
    })?;
    async_with!(
        connect("mock://db.somedomain.net") as db,
        begin(db) as tx,
        {
            let found = async_for!('rows: for row in tx.rows() {
                if row.is_empty() {
                    continue;
                }
                break 'rows row;
            });
            found.map_or(0, |row| row.len())
        }
    )?;
    async_with!(
        connect("mock://db.somedomain.net").map_error(Error::from) as database,
        connect("mock://another.somedomain.net").map_error(Error::from) as another,
        database.begin().await?.map_error(|error| error.to_string()) as transaction,
        {
            transaction.commit(another).await?;
            0
        }
    )
}
