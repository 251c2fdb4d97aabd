#[on_event]
async fn bad(event: &OrderPlaced) -> Res {
    save(event.order_id); //~ discarded_work 5..25
    let _ = boxed(event.order_id); //~ discarded_work 13..34
    drop(index(event.order_id)); //~ discarded_work 10..31
    Ok(())
}

#[on_event]
async fn good(event: &OrderPlaced) -> Res {
    let _ = save(event.order_id).await;
    save(event.order_id).await
}

#[on_event]
async fn also_bad(event: &OrderPlaced) -> Res {
    let (first, _) = (save(event.order_id), notify(event.order_id)); //~ discarded_work 45..67
    println!("{:?}", event.coupon_id.map(save).is_some()); //~ discarded_work 22..47
    first.await
}
