#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
#[emissions::audited(strict, allow(question_mark_before_join, reason = "the task ends with the failing step"))]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    let task = tokio::spawn(save(id));
    save(id + 1).await?;
    task.await??;
    Ok(())
}

fn main() {}
