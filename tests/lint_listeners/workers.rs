//! Listeners that keep the machine busy.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use emissions::{Ctx, on_event};
use tokio::{
    sync::{Notify, mpsc},
    task::{JoinHandle, spawn_blocking},
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    OrderPlaced,
    stubs::{Done, Http, Shared, checksum, price},
};

/// Computes on the blocking pool.
#[on_event]
async fn draws_the_label(event: &OrderPlaced, shared: &Shared) -> Done {
    let email = event.customer_email.clone();
    let drawn = spawn_blocking(move || {
        let mut bytes = email.into_bytes();
        bytes.sort_unstable();
        bytes.dedup();
        checksum(&bytes)
    });
    let sum = drawn.await?;
    shared.seen.lock().map_err(|_| "poisoned")?.push(sum);
    Ok(())
}

/// A producer and a consumer over a channel, both joined.
#[on_event]
async fn pipes_the_lines(event: &OrderPlaced, shared: &Shared) -> Done {
    let (sender, mut receiver) = mpsc::channel::<(u64, i64)>(16);
    let ids = event.line_item_ids.clone();
    let producer: JoinHandle<Done> = tokio::spawn(async move {
        for id in ids {
            let found = price(id).await?;
            if sender.send((id, found)).await.is_err() {
                break;
            }
        }
        Ok(())
    });
    let mut total = 0;
    while let Some((id, found)) = receiver.recv().await {
        if found < 0 {
            eprintln!("line {id} has no price");
        }
        total += found;
    }
    producer.await??;
    shared.totals.lock().await.insert(event.order_id, total);
    Ok(())
}

/// Polls until something is ready, and gives up on a signal.
#[on_event]
async fn polls_the_carrier(event: &OrderPlaced, http: &Http, stop: &CancellationToken) -> Done {
    let mut every = interval(Duration::from_secs(1));
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut tries = 0;
    while tries < 30 {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            _ = every.tick() => {}
        }
        let answer = http.get(format!("https://carrier.test/{}", event.order_id)).send().await?;
        match answer.status() {
            200 => return Ok(()),
            404 => tries += 1,
            other => return Err(format!("the carrier says {other}").into()),
        }
    }
    Ok(())
}

/// A watchdog beside the work; whoever wins, both are gone at the end.
#[on_event]
async fn works_with_a_watchdog(event: &OrderPlaced, shared: &Shared) -> Done {
    let beats = Arc::new(AtomicU64::new(0));
    let beating = Arc::clone(&beats);
    let ids = event.line_item_ids.clone();
    let mut work = tokio::spawn(async move {
        let mut sum = 0;
        for id in ids {
            sum += price(id).await?;
            beating.fetch_add(1, Ordering::Relaxed);
        }
        Done::Ok(sum)
    });
    let mut last = 0;
    let sum = loop {
        if let Ok(done) = timeout(Duration::from_secs(1), &mut work).await {
            break done??;
        }
        let now = beats.load(Ordering::Relaxed);
        if now == last {
            work.abort();
            let _ = work.await;
            return Err("no heart beat".into());
        }
        last = now;
    };
    shared.totals.lock().await.insert(event.order_id, sum);
    Ok(())
}

/// Tracks what it starts and closes the tracker.
#[on_event]
async fn tracks_its_tasks(event: &OrderPlaced) -> Done {
    let tracker = TaskTracker::new();
    let failed = Arc::new(AtomicU64::new(0));
    for id in event.line_item_ids.clone() {
        let failed = failed.clone();
        tracker.spawn(async move {
            if price(id).await.is_err() {
                failed.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    tracker.close();
    tracker.wait().await;
    match failed.load(Ordering::Relaxed) {
        0 => Ok(()),
        failed => Err(format!("{failed} lines have no price").into()),
    }
}

/// Arms a notification before it looks.
#[on_event(observer)]
async fn waits_until_it_is_ready(event: &OrderPlaced, ready: &Notify, shared: &Shared) -> Done {
    let armed = ready.notified();
    if shared.totals.lock().await.get(&event.order_id).is_none() {
        timeout(Duration::from_secs(1), armed).await?;
    }
    Ok(())
}

/// Hands everything slow to the emission's own tasks.
#[on_event]
async fn splits_the_work(event: &OrderPlaced, ctx: &Ctx, shared: &Shared) -> Done {
    for chunk in event.line_item_ids.chunks(8) {
        let (chunk, totals) = (chunk.to_vec(), Arc::clone(&shared.totals));
        ctx.spawn(async move {
            for id in chunk {
                let found = price(id).await?;
                *totals.lock().await.entry(id).or_insert(0) += found;
            }
            Done::Ok(())
        });
    }
    let audited = tokio::spawn(async { price(0).await.map(drop) });
    ctx.track(audited);
    Ok(())
}
