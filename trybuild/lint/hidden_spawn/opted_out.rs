#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
fn apply<F, T>(start: impl Fn(F) -> T, work: F) {
    start(work);
}
#[emissions::audited(allow(hidden_spawn, reason = "the starter joins what it starts"))]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    apply(tokio::spawn, save(id));
    Ok(())
}

fn main() {}
