#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
#[emissions::audited(allow(overwritten_work, reason = "the last one stands for all"))]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    let mut task = tokio::spawn(save(id));
    for other in 0..3 {
        task = tokio::spawn(save(other));
    }
    task.await??;
    Ok(())
}

fn main() {}
