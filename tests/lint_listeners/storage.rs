//! Listeners that talk to a database.

use std::collections::{HashMap, HashSet};

use emissions::on_event;
use futures::{StreamExt, TryStreamExt};

use crate::{
    OrderPlaced,
    stubs::{Done, Pool, Row, Shared, query},
};

/// Inserts an order and its lines in a transaction.
#[on_event]
async fn stores_the_order(event: &OrderPlaced, pool: &Pool) -> Done {
    let mut transaction = pool.begin().await?;
    query("insert into orders").bind(event.order_id).bind(&event.customer_email).execute(&mut transaction).await?;
    for (position, id) in event.line_item_ids.iter().enumerate() {
        let inserted =
            query("insert into lines").bind(event.order_id).bind(position).bind(id).execute(&mut transaction).await?;
        if inserted == 0 {
            transaction.rollback().await?;
            return Err(format!("line {id} is there already").into());
        }
    }
    transaction.commit().await?;
    Ok(())
}

/// Walks a result set row by row.
#[on_event]
async fn sums_up_the_customer(event: &OrderPlaced, pool: &Pool, shared: &Shared) -> Done {
    let mut connection = pool.acquire().await?;
    let mut rows = query("select * from orders where customer = ").bind(&event.customer_email).fetch(&mut connection);
    let mut total = 0_i64;
    let mut largest: Option<Row> = None;
    while let Some(row) = rows.try_next().await? {
        total = total.checked_add(row.amount).ok_or("the total is too large")?;
        if largest.as_ref().is_none_or(|known| known.amount < row.amount) {
            largest = Some(row);
        }
    }
    drop(rows);
    let Some(largest) = largest else { return Ok(()) };
    shared.totals.lock().await.entry(largest.id).and_modify(|known| *known += total).or_insert(total);
    Ok(())
}

/// Upserts with a fallback.
#[on_event]
async fn upserts_the_customer(event: &OrderPlaced, pool: &Pool) -> Done {
    let known =
        query("select * from customers where email = ").bind(&event.customer_email).fetch_optional(pool).await?;
    let row = match known {
        Some(row) if !row.name.is_empty() => row,
        Some(row) => query("update customers").bind(row.id).fetch_one(pool).await?,
        None => {
            let created = query("insert into customers").bind(&event.customer_email).fetch_one(pool).await;
            match created {
                Ok(row) => row,
                // Somebody else was faster.
                Err(_) => query("select * from customers").bind(&event.customer_email).fetch_one(pool).await?,
            }
        }
    };
    if row.parent.is_some_and(|parent| parent == row.id) {
        return Err("a customer is its own parent".into());
    }
    Ok(())
}

/// Follows parents up to the root, without going in circles.
#[on_event]
async fn finds_the_account(event: &OrderPlaced, pool: &Pool, shared: &Shared) -> Done {
    let mut seen = HashSet::new();
    let mut next = Some(event.order_id);
    let mut path = Vec::new();
    while let Some(id) = next.take() {
        if !seen.insert(id) {
            break;
        }
        if let Some(name) = shared.names.read().await.get(&id) {
            path.push(name.clone());
            continue;
        }
        let row = query("select * from accounts where id = ").bind(id).fetch_one(pool).await?;
        shared.names.write().await.insert(id, row.name.clone());
        path.push(row.name);
        next = row.parent;
    }
    path.reverse();
    let account = path.join("/");
    query("update orders set account = ").bind(account).bind(event.order_id).execute(pool).await?;
    Ok(())
}

/// Reads in two queries at once and compares.
#[on_event]
async fn reconciles(event: &OrderPlaced, pool: &Pool) -> Done {
    let ours = query("select * from lines").bind(event.order_id).fetch(pool).map_ok(|row| (row.id, row.amount));
    let theirs = query("select * from ledger").bind(event.order_id).fetch(pool).map_ok(|row| (row.id, row.amount));
    let (ours, theirs): (HashMap<u64, i64>, HashMap<u64, i64>) =
        tokio::try_join!(ours.try_collect(), theirs.try_collect())?;
    let mut differences: Vec<_> = ours.iter().filter(|(id, amount)| theirs.get(id) != Some(amount)).collect();
    differences.sort_unstable();
    for (id, amount) in differences.iter().take(10) {
        eprintln!("line {id} differs: {amount}");
    }
    if differences.len() > 10 {
        eprintln!("and {} more", differences.len() - 10);
    }
    Ok(())
}

/// Updates in chunks, and goes on after a chunk that fails.
#[on_event]
async fn updates_in_chunks(event: &OrderPlaced, pool: &Pool) -> Done {
    let mut failures = Vec::new();
    for chunk in event.line_item_ids.chunks(100) {
        let updates: futures::stream::FuturesOrdered<_> =
            chunk.iter().map(|id| query("update lines").bind(id).execute(pool)).collect();
        let results: Vec<Done<u64>> = updates.collect().await;
        failures.extend(results.into_iter().filter_map(Result::err));
    }
    let mut failures = failures.into_iter();
    match failures.next() {
        None => Ok(()),
        Some(first) => Err(format!("{first}, and {} more", failures.count()).into()),
    }
}
