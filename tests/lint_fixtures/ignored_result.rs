#[on_event]
async fn bad(event: &OrderPlaced) -> Res {
    save(event.order_id).await; //~ ignored_result 5..31
    Ok(())
}

#[on_event]
async fn good(event: &OrderPlaced, app: &App) -> Res {
    let _ = save(event.order_id).await;
    let _ = app.bus.send(event.order_id);
    save(event.order_id).await
}

#[on_event]
async fn also_bad(event: &OrderPlaced, app: &App, ctx: &Ctx) -> Res {
    app.bus.send(event.order_id); //~ ignored_result 5..33
    ctx.emit(Shipped { shipment_id: 1 }); //~ ignored_result 5..41
    Ok(())
}
