#![allow(unused, missing_docs)]

async fn save(_id: u64) -> Result<(), std::io::Error> {
    Ok(())
}
#[emissions::audited(allow(forgotten_work, reason = "only its construction counts here"))]
async fn on_order(id: u64) -> Result<(), Box<dyn std::error::Error>> {
    let work = save(id);
    println!("saved");
    Ok(())
}

fn main() {}
