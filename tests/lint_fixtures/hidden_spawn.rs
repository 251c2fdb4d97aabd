fn apply<F, T>(start: impl Fn(F) -> T, work: F) -> T {
    start(work)
}

#[on_event]
async fn bad(event: &OrderPlaced) -> Res {
    apply(tokio::spawn, save(event.order_id)).await? //~ hidden_spawn 11..23
}

#[on_event]
async fn good(event: &OrderPlaced) -> Res {
    apply(|work| tokio::spawn(work), save(event.order_id)).await?
}

#[on_event]
async fn also_bad(event: &OrderPlaced) -> Res {
    let start = tokio::task::spawn;
    apply(start, save(event.order_id)).await? //~ hidden_spawn 11..16
}
