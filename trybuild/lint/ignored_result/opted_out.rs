#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
#[emissions::audited(allow(ignored_result, reason = "a failure is counted inside"))]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    save(id).await;
    Ok(())
}

fn main() {}
