#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
#[emissions::audited]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    let task = tokio::spawn(save(id));
    task.abort();
    let _ = task.await;
    Ok(())
}

fn main() {}
