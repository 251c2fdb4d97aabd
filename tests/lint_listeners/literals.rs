//! Struct literals at the head of statements the lint looks at.

use std::fmt::Error;

#[derive(Clone)]
struct Row {
    number: u64,
}

impl Row {
    fn check(&self) -> Result<u64, Error> {
        Ok(self.number)
    }

    async fn store(self) -> Result<u64, Error> {
        Ok(self.number)
    }
}

fn number_of(row: Row) -> Result<u64, Error> {
    row.check()
}

#[emissions::audited]
async fn rows() -> Result<u64, Error> {
    number_of(Row { number: 1 })?;
    Row { number: 2 }.check()?;
    Row { number: 3 }.store().await?;
    let _ = Row { number: 4 }.store().await;
    _ = Row { number: 5 }.check();
    Row { number: 6 }.store().await
}

#[tokio::test]
async fn a_struct_literal_may_head_a_statement() {
    assert_eq!(rows().await, Ok(6));
}
