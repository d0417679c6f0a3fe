//! Both macros, badly formatted. This file is only formatted, never compiled.

async fn loops() {
    async_for!( for  number in numbers( ){
      sum+=number;
    });
    async_for!('rows:for (index,row) in rows().enumerate() {
        if index==row { continue   'rows; }
    });
    async_for!(#[yield_every( 3 )] for number in numbers() { drop( number ); });
}

async fn concurrent_loops() -> Vec<u32> {
    async_for!( #[concurrent( 8 )]'rows: for row in rows( ){
      if row.is_empty(){ continue 'rows } handle( row ).await;
    });
    async_for!(#[concurrent(unlimited)] #[collect]for (index,row) in rows().enumerate() {
    index+row.len( ) })
}

async fn resources() -> Result<usize, Error> {
    async_with!(connect() as db,{db.rows.len()})?;
    async_with!(pool.get() as&mut connection,{ connection.ping().await?; })?;
    'rows: loop {
    async_with!(connect() as (db,_),begin( db ) as tx,{
        if tx.0.is_empty() { break 'rows db.rows.len( ); }
    })?;
    }
}
