#[on_event]
async fn bad(event: &OrderPlaced) -> Res {
    let task = tokio::spawn(save(1));
    tokio::select! {
        done = task => done?, //~ raced_handle 16..20
        () = sleep(SEC) => Ok(()),
    }
}

#[on_event]
async fn good(event: &OrderPlaced) -> Res {
    let mut task = tokio::spawn(save(1));
    tokio::select! {
        done = &mut task => done?,
        () = sleep(SEC) => {
            task.abort();
            let _ = task.await;
            Ok(())
        }
    }
}

#[on_event]
async fn also_bad(event: &OrderPlaced) -> Res {
    tokio::select! {
        done = tokio::spawn(save(1)) => done?, //~ raced_handle 16..37
        () = sleep(SEC) => Ok(()),
    }
}
