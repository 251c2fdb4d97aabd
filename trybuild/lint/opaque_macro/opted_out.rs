#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
macro_rules! wait {
    ($e:expr) => {
        $e.await?
    };
}
#[emissions::audited(awaits(wait))]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    wait!(save(id));
    Ok(())
}

fn main() {}
