#[on_event]
async fn bad(event: &OrderPlaced) -> Res {
    let work = save(event.order_id); //~ forgotten_work 9..13
    Ok(())
}

#[on_event]
async fn good(event: &OrderPlaced) -> Res {
    let work = save(event.order_id);
    let task = tokio::spawn(notify(event.order_id));
    work.await?;
    task.await?
}

#[on_event]
async fn also_bad(event: &OrderPlaced) -> Res {
    let _task = tokio::spawn(save(event.order_id)); //~ forgotten_work 9..14
    let worker = std::thread::spawn(|| crunch(1)); //~ forgotten_work 9..15
    let work = boxed(event.order_id); //~ forgotten_work 9..13
    let later = move || work;
    Ok(())
}
