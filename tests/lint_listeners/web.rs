//! Listeners that talk HTTP.

use std::time::Duration;

use emissions::{Ctx, on_event};
use futures::{StreamExt, TryStreamExt, future::try_join_all, stream};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::{
    OrderPlaced,
    stubs::{Done, Http, Row, Shared, price, render},
};

/// Posts a webhook, with a retry that backs off.
#[on_event]
async fn posts_a_webhook(event: &OrderPlaced, http: &Http) -> Done {
    let body = format!("{{\"order\":{}}}", event.order_id);
    let mut wait = Duration::from_millis(50);
    for attempt in 1..=5 {
        let sent = timeout(
            Duration::from_secs(2),
            http.post("https://hooks.test/orders").header("x-attempt", &attempt.to_string()).body(body.clone()).send(),
        )
        .await;
        match sent {
            Ok(Ok(response)) if response.status() < 300 => return Ok(()),
            Ok(Ok(response)) if response.status() < 500 => {
                return Err(format!("the hook refuses the order: {}", response.status()).into());
            }
            Ok(Ok(_)) => {}
            Ok(Err(error)) => eprintln!("attempt {attempt}: {error}"),
            Err(_elapsed) => eprintln!("attempt {attempt}: too slow"),
        }
        sleep(wait).await;
        wait *= 2;
    }
    Err("the hook does not answer".into())
}

/// Fetches prices of all lines, at most four at a time.
#[on_event]
async fn prices_the_lines(event: &OrderPlaced, shared: &Shared) -> Done {
    let prices: Vec<(u64, i64)> = stream::iter(event.line_item_ids.clone())
        .map(|id| async move { price(id).await.map(|price| (id, price)) })
        .buffer_unordered(4)
        .try_collect()
        .await?;
    let total: i64 = prices.iter().map(|(_, price)| price).sum();
    let mut totals = shared.totals.lock().await;
    totals.insert(event.order_id, total);
    if totals.len() > 10_000 {
        let stale: Vec<u64> = totals.keys().copied().filter(|id| *id < event.order_id / 2).collect();
        for id in stale {
            totals.remove(&id);
        }
    }
    drop(totals);
    let _ = shared.updates.send(event.order_id);
    Ok(())
}

/// Asks several mirrors and takes the first answer.
#[on_event]
async fn asks_the_fastest_mirror(event: &OrderPlaced, http: &Http) -> Done {
    let url = |host: &str| format!("https://{host}/orders/{}", event.order_id);
    let answer = tokio::select! {
        answer = http.get(url("a.test")).send() => answer,
        answer = http.get(url("b.test")).send() => answer,
        () = sleep(Duration::from_secs(3)) => return Err("no mirror answers".into()),
    };
    let text = answer?.error_for_status()?.text().await?;
    let Some(first) = text.lines().next() else {
        return Ok(());
    };
    if first.starts_with('#') {
        eprintln!("comment: {first}");
    }
    Ok(())
}

/// Renders and sends mails to customer and shop together.
#[on_event]
async fn confirms_by_mail(event: &OrderPlaced, http: &Http) -> Done {
    let row = Row { id: event.order_id, name: event.customer_email.clone(), ..Row::default() };
    let (customer, shop) = tokio::try_join!(render("thanks", &row), render("new order", &row))?;
    let to_customer = http.post("https://mail.test/send").body(customer).send();
    let to_shop = http.post("https://mail.test/send").body(shop).send();
    let (first, second) = tokio::join!(to_customer, to_shop);
    if let Err(error) = &second {
        eprintln!("the shop has no mail: {error}");
    }
    first?.error_for_status()?;
    Ok(())
}

/// Starts a task per line, within a limit, and joins them all.
#[on_event]
async fn warms_the_images(event: &OrderPlaced, http: &Http, shared: &Shared) -> Done {
    let mut warming = JoinSet::new();
    let started = Instant::now();
    for id in &event.line_item_ids {
        let permit = shared.limit.clone().acquire_owned().await?;
        let http = http.clone();
        let id = *id;
        warming.spawn(async move {
            let response = http.get(format!("https://img.test/{id}.webp")).send().await;
            drop(permit);
            response.map(|response| (id, response.status()))
        });
    }
    let mut cold = Vec::new();
    while let Some(done) = warming.join_next().await {
        match done? {
            Ok((_, 200)) => {}
            Ok((id, _)) => cold.push(id),
            Err(error) => eprintln!("not warmed: {error}"),
        }
    }
    if !cold.is_empty() {
        eprintln!("{} images are cold after {:?}", cold.len(), started.elapsed());
    }
    Ok(())
}

/// Registers the order with every partner; a partner that fails is named.
#[on_event]
async fn tells_the_partners(event: &OrderPlaced, http: &Http, ctx: &Ctx) -> Done {
    let partners = ["north", "south", "east"];
    let calls = partners.iter().map(|partner| {
        let request = http.post(format!("https://{partner}.test/orders")).body(event.order_id.to_string());
        async move {
            let response = request.send().await.map_err(|error| format!("{partner}: {error}"))?;
            response.error_for_status().map_err(|error| format!("{partner}: {error}"))
        }
    });
    let answers = try_join_all(calls).await?;
    let late = answers.iter().filter(|answer| answer.status() == 202).count();
    if late > 0 {
        let http = http.clone();
        ctx.detach("a partner may take minutes, and asks for no answer", async move {
            sleep(Duration::from_mins(1)).await;
            http.get("https://status.test").send().await.map(drop)
        });
    }
    Ok(())
}
