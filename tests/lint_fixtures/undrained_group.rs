#[on_event]
async fn bad(event: &OrderPlaced) -> Res {
    let mut set = JoinSet::new(); //~ undrained_group 13..16
    set.spawn(save(1));
    set.spawn(save(2));
    if let Some(first) = set.join_next().await {
        first??;
    }
    Ok(())
}

#[on_event]
async fn good(event: &OrderPlaced) -> Res {
    let mut set = JoinSet::new();
    set.spawn(save(1));
    while let Some(done) = set.join_next().await {
        done??;
    }
    Ok(())
}

#[on_event]
async fn also_bad(event: &OrderPlaced) -> Res {
    let tracker = TaskTracker::new(); //~ undrained_group 9..16
    tracker.spawn(save(1));
    tracker.close();
    let mut set = JoinSet::new();
    for id in 0..9 {
        set.spawn(save(id));
    }
    while let Some(done) = set.join_next().await {
        if done?.is_err() {
            break; //~ undrained_group 13..18
        }
    }
    Ok(())
}
