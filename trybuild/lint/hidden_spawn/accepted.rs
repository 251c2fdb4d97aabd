#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
#[emissions::audited]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    let handles: Vec<_> = [id, id + 1].map(save).into_iter().map(tokio::spawn).collect();
    for handle in handles {
        handle.await??;
    }
    Ok(())
}

fn main() {}
