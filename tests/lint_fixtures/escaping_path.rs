#[on_event]
async fn bad(event: &OrderPlaced) -> Res {
    let task = tokio::spawn(save(1));
    if event.is_vip {
        return Ok(()); //~ escaping_path 9..22
    }
    task.await?
}

#[on_event]
async fn good(event: &OrderPlaced) -> Res {
    if event.is_vip {
        return Ok(());
    }
    tokio::spawn(save(1)).await?
}

#[on_event]
async fn also_bad(event: &OrderPlaced) -> Res {
    let work = save(1); //~ escaping_path 9..13
    if event.is_vip {
        work.await?;
    }
    Ok(())
}
