#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
#[emissions::audited(allow(undrained_group, reason = "the first answer is enough"))]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(save(id));
    tasks.spawn(save(id + 1));
    if let Some(first) = tasks.join_next().await {
        first??;
    }
    Ok(())
}

fn main() {}
