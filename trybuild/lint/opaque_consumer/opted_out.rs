#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
fn sink<T>(_: T) {}
#[emissions::audited(consumes(sink))]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    sink(save(id));
    Ok(())
}

fn main() {}
