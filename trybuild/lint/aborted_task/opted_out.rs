#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
#[emissions::audited(allow(aborted_task, reason = "the runtime ends with the process right after"))]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    let task = tokio::spawn(save(id));
    task.abort();
    Ok(())
}

fn main() {}
