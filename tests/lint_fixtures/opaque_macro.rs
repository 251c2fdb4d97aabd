#[on_event]
async fn bad(event: &OrderPlaced) -> Res {
    ignore!(save(event.order_id)); //~ opaque_macro 13..33
    Ok(())
}

#[on_event(awaits(wait))]
async fn good(event: &OrderPlaced) -> Res {
    wait!(save(event.order_id));
    Ok(())
}

#[on_event]
async fn also_bad(event: &OrderPlaced) -> Res {
    let work = save(event.order_id);
    ignore!(work); //~ opaque_macro 13..17
    Ok(())
}
