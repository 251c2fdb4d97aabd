#[on_event]
async fn bad(event: &OrderPlaced) -> Res {
    tokio::spawn(save(event.order_id)); //~ detached_task 5..39
    let _ = std::thread::spawn(|| crunch(1)); //~ detached_task 13..45
    Ok(())
}

#[on_event]
async fn good(event: &OrderPlaced, app: &App) -> Res {
    app.tracker.spawn(save(event.order_id));
    tokio::spawn(save(event.order_id)).await?
}

#[on_event]
async fn also_bad(event: &OrderPlaced) -> Res {
    let id = event.order_id;
    let stop = tokio::spawn(save(id)).abort_handle(); //~ detached_task 16..38
    event.line_item_ids.iter().for_each(|id| {
        tokio::spawn(save(*id)); //~ detached_task 9..32
    });
    stop.abort();
    Ok(())
}
