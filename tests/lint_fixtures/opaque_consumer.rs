fn sink<T>(_: T) {}

#[on_event]
async fn bad(event: &OrderPlaced) -> Res {
    sink(save(event.order_id)); //~ opaque_consumer 10..30
    Ok(())
}

#[on_event(consumes(sink))]
async fn good(event: &OrderPlaced) -> Res {
    self::sink(save(event.order_id));
    sink(tokio::spawn(save(event.order_id)));
    Ok(())
}

#[on_event]
async fn also_bad(event: &OrderPlaced) -> Res {
    let task = tokio::spawn(save(event.order_id));
    sink(task); //~ opaque_consumer 10..14
    Ok(())
}
