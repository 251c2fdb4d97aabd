#[on_event]
async fn bad(event: &OrderPlaced, ctx: &Ctx) -> Res {
    ctx.detach("", save(event.order_id)); //~ detach_without_reason 16..18
    Ok(())
}

#[on_event]
async fn good(event: &OrderPlaced, ctx: &Ctx) -> Res {
    ctx.detach("a cold cache is slow and correct", save(event.order_id));
    Ok(())
}

#[on_event]
async fn also_bad(event: &OrderPlaced, ctx: &Ctx) -> Res {
    const REASON: &str = "computed";
    ctx.detach(REASON, save(event.order_id)); //~ detach_without_reason 16..22
    Ok(())
}
