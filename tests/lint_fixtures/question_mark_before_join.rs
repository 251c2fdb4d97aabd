#[on_event(strict)]
async fn bad(event: &OrderPlaced) -> Res {
    let task = tokio::spawn(save(1));
    notify(1).await?; //~ question_mark_before_join 20..21
    task.await?
}

#[on_event]
async fn good(event: &OrderPlaced) -> Res {
    let task = tokio::spawn(save(1));
    notify(1).await?;
    task.await?
}

#[on_event(strict)]
async fn also_bad(event: &OrderPlaced) -> Res {
    let mut set = JoinSet::new();
    set.spawn(save(1));
    let row = load(1).await?; //~ question_mark_before_join 28..29
    while let Some(done) = set.join_next().await {
        let _ = done;
    }
    save(row.id).await
}
