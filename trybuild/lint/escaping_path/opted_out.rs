#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
#[emissions::audited(allow(escaping_path, reason = "nobody depends on the order of an empty cart"))]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    let task = tokio::spawn(save(id));
    if id == 0 {
        return Ok(());
    }
    task.await??;
    Ok(())
}

fn main() {}
