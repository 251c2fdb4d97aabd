#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
#[emissions::audited(allow(detached_task, reason = "a cold cache is slow and correct"))]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    tokio::spawn(save(id));
    Ok(())
}

fn main() {}
