//! Listeners that talk to brokers and caches.

use std::{collections::BTreeMap, time::Duration};

use emissions::{Ctx, on_event};
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use tokio::{sync::oneshot, time::timeout};

use crate::{
    OrderPlaced,
    stubs::{Done, Nats, Pipeline, Redis, Shared, checksum},
};

/// Publishes and waits for the broker's acknowledgement.
#[on_event]
async fn publishes_with_ack(event: &OrderPlaced, nats: &Nats) -> Done {
    let payload = event.order_id.to_be_bytes().to_vec();
    let subject = format!("orders.{}", event.order_id % 16);
    let ack = nats.publish(&subject, payload).await?;
    timeout(Duration::from_secs(1), ack).await??;
    Ok(())
}

/// Publishes one message per line and waits for all acknowledgements together.
#[on_event]
async fn publishes_a_batch(event: &OrderPlaced, nats: &Nats) -> Done {
    let mut acks = Vec::with_capacity(event.line_item_ids.len());
    for id in &event.line_item_ids {
        let ack = nats.publish("lines", id.to_be_bytes().to_vec()).await?;
        acks.push(ack);
    }
    nats.flush().await?;
    let mut refused = 0_usize;
    for ack in acks {
        if ack.await.is_err() {
            refused += 1;
        }
    }
    if refused > 0 {
        return Err(format!("{refused} lines were refused").into());
    }
    Ok(())
}

/// Waits for a reply on an inbox of its own.
#[on_event]
async fn waits_for_stock(event: &OrderPlaced, nats: &Nats) -> Done {
    let mut inbox = nats.subscribe(&format!("stock.{}", event.order_id)).await?;
    if event.line_item_ids.is_empty() {
        return Ok(());
    }
    nats.publish("stock.ask", event.order_id.to_be_bytes().to_vec()).await?.await?;
    let deadline = tokio::time::sleep(Duration::from_secs(5));
    tokio::pin!(deadline);
    let mut left = event.line_item_ids.len();
    loop {
        tokio::select! {
            message = inbox.next() => {
                let Some(message) = message else { break };
                left = left.saturating_sub(message.payload.len());
                if left == 0 {
                    break;
                }
            }
            () = &mut deadline => return Err("the stock does not answer".into()),
        }
    }
    Ok(())
}

/// Reads through a cache.
#[on_event]
async fn reads_through_the_cache(event: &OrderPlaced, redis: &Redis, nats: &Nats) -> Done {
    let mut redis = redis.clone();
    let key = format!("customer:{}", event.customer_email);
    let name = match redis.get(&key).await? {
        Some(name) => name,
        None => {
            let reply = nats.request("customers.name", event.customer_email.clone().into_bytes()).await?;
            let name = String::from_utf8(reply.payload)?;
            redis.set_ex(&key, &name, Duration::from_mins(5)).await?;
            name
        }
    };
    if name.is_empty() {
        let _deleted = redis.del(&key).await?;
    }
    Ok(())
}

/// Fills a pipeline and sends it once.
#[on_event]
async fn counts_in_a_pipeline(event: &OrderPlaced, redis: &Redis) -> Done {
    let mut redis = redis.clone();
    let mut pipeline = Pipeline::default();
    pipeline.cmd("INCR").arg("orders");
    for id in &event.line_item_ids {
        pipeline.cmd("ZINCRBY").arg("lines").arg(1).arg(id);
    }
    if let Some(code) = &event.coupon_code {
        pipeline.cmd("SADD").arg("coupons").arg(code);
    }
    let counts = pipeline.query_async(&mut redis).await?;
    let (first, rest) = counts.split_first().ok_or("no answer")?;
    debug_assert!(rest.len() <= event.line_item_ids.len() * 2);
    if first % 1000 == 0 {
        redis.publish("milestones", first.to_string().into_bytes()).await?;
    }
    Ok(())
}

/// Sends to shards as they become free.
#[on_event]
async fn sends_to_shards(event: &OrderPlaced, nats: &Nats) -> Done {
    let mut shards: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for id in &event.line_item_ids {
        shards.entry(id % 4).or_default().push(*id);
    }
    let mut sending = FuturesUnordered::new();
    for (shard, ids) in shards {
        let payload: Vec<u8> = ids.iter().flat_map(|id| id.to_be_bytes()).collect();
        let sum = checksum(&payload);
        let subject = format!("shard.{shard}");
        sending.push(async move { nats.request(&subject, payload).await.map(|reply| (shard, sum, reply)) }.boxed());
    }
    while let Some(reply) = sending.next().await {
        let (shard, sum, reply) = reply?;
        if checksum(&reply.payload) != sum {
            return Err(format!("shard {shard} has lost bytes").into());
        }
    }
    Ok(())
}

/// Starts a reader before it asks, so that no answer is lost.
#[on_event]
async fn reads_before_it_asks(event: &OrderPlaced, nats: &Nats, shared: &Shared, ctx: &Ctx) -> Done {
    let (answered, answer) = oneshot::channel();
    let mut inbox = nats.subscribe("answers").await?;
    ctx.spawn(async move {
        if let Some(message) = inbox.next().await {
            let _ = answered.send(message.payload);
        }
        Ok::<(), std::io::Error>(())
    });
    nats.publish("questions", event.order_id.to_be_bytes().to_vec()).await?.await?;
    let bytes = timeout(Duration::from_secs(1), answer).await??;
    shared.seen.lock().map_err(|_| "poisoned")?.push(checksum(&bytes));
    shared.jobs.send(event.order_id).await?;
    Ok(())
}
