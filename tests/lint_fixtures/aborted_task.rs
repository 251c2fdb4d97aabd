#[on_event]
async fn bad(event: &OrderPlaced) -> Res {
    let task = tokio::spawn(save(1)); //~ aborted_task 9..13
    task.abort();
    Ok(())
}

#[on_event]
async fn good(event: &OrderPlaced) -> Res {
    let task = tokio::spawn(save(1));
    task.abort();
    let _ = task.await;
    Ok(())
}

#[on_event]
async fn also_bad(event: &OrderPlaced) -> Res {
    let mut task = tokio::spawn(save(1)); //~ aborted_task 13..17
    if timeout(SEC, &mut task).await.is_err() {
        task.abort();
    }
    Ok(())
}
