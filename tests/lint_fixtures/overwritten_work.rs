#[on_event]
async fn bad(event: &OrderPlaced) -> Res {
    let mut work = boxed(1);
    work = boxed(2); //~ overwritten_work 5..20
    work.await
}

#[on_event]
async fn good(event: &OrderPlaced) -> Res {
    let mut work = boxed(1);
    work.await?;
    work = boxed(2);
    work.await
}

#[on_event]
async fn also_bad(event: &OrderPlaced) -> Res {
    let mut tasks: Vec<_> = event.line_item_ids.iter().map(|id| tokio::spawn(save(*id))).collect();
    tasks.truncate(1); //~ overwritten_work 5..22
    for task in tasks {
        task.await??;
    }
    Ok(())
}
