#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
#[emissions::audited(allow(raced_handle, reason = "the task is harmless when it loses"))]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    let task = tokio::spawn(save(id));
    tokio::select! {
        done = task => done??,
        () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
    }
    Ok(())
}

fn main() {}
