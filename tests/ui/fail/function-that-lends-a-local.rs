use forwith::resource::{ResourceFn, resource_fn};

struct Connection;

async fn connect() -> Result<Connection, String> {
    Ok(Connection)
}

fn connection<'a>() -> ResourceFn<'a, &'a mut Connection, String> {
    resource_fn(async |stage| {
        let mut connection = connect().await?;
        let _ = stage.hand_out(&mut connection).await;
        Ok(())
    })
}

fn main() {}
