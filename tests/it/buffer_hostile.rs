//! Whatever happens around a buffer, every event is delivered or counted, and none twice.

use std::{
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use emissions::{
    AdapterOptions, CommitError, Emissions, EmitErrorKind, TryCommitError, adapters::Memory, event, on_event,
};
use futures::{FutureExt, poll};
use serde::Serializer;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::support::{Journal, Refused, only, settled};

/// A coin was tossed.
#[event(name = "coin.tossed")]
struct CoinTossed {
    /// Coin that was tossed.
    #[field(key)]
    coin_id: u64,
    /// Its place among the tosses of this coin.
    toss_index: u64,
}

/// A mine was stepped on.
#[event(name = "mine.triggered", gate(allow_none))]
struct MineTriggered {
    /// Mine that was stepped on.
    #[serde(serialize_with = "explode")]
    mine_id: u64,
}

/// A trap was sprung: dropping it panics.
#[event(name = "trap.sprung", gate(allow_none))]
struct TrapSprung {
    /// Trap that was sprung.
    trap_id: u64,
}

impl Drop for TrapSprung {
    fn drop(&mut self) {
        // Not while a failed test unwinds.
        assert!(std::thread::panicking(), "the trap snaps");
    }
}

/// A snare was sprung: dropping it panics, also while another panic unwinds, which ends a process.
#[event(name = "snare.sprung", gate(allow_none))]
struct SnareSprung {
    /// Snare that was sprung.
    snare_id: u64,
}

impl Drop for SnareSprung {
    fn drop(&mut self) {
        panic!("the snare snaps");
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn explode<S: Serializer>(_: &u64, _: S) -> Result<S::Ok, S::Error> {
    panic!("the mine explodes")
}

#[on_event]
async fn watch(event: &CoinTossed, journal: &Journal, table: &Semaphore) {
    journal.note(format_args!("{}/{}", event.coin_id, event.toss_index));
    if let Ok(permit) = table.acquire().await {
        permit.forget();
    }
}

struct Game {
    emissions: Emissions,
    journal: Arc<Journal>,
    /// Closed, nobody waits.
    table: Arc<Semaphore>,
}

impl Game {
    async fn with(settings: impl FnOnce(emissions::Builder) -> emissions::Builder) -> Self {
        let (journal, table) = (Arc::new(Journal::default()), Arc::new(Semaphore::new(0)));
        let builder = only(module_path!()).workers(1).provide_arc(Arc::clone(&journal)).provide_arc(Arc::clone(&table));
        let emissions = settings(builder).start().await.expect("everything is provided");
        Self { emissions, journal, table }
    }

    async fn open() -> Self {
        let game = Self::with(|builder| builder).await;
        game.table.close();
        game
    }
}

fn toss(coin_id: u64, toss_index: u64) -> CoinTossed {
    CoinTossed { coin_id, toss_index }
}

#[tokio::test]
async fn a_serialiser_that_panics_refuses_its_event_and_harms_no_other() {
    let limited = Game::with(|builder| builder.buffer_bytes(1 << 20)).await;
    let routed = Game::with(|builder| builder.adapter("memory", Memory::new()).route("**", "memory")).await;
    for game in [limited, routed] {
        game.table.close();
        let buffer = game.emissions.start();
        buffer.emit(toss(1, 0)).unwrap();
        let error = buffer.emit(MineTriggered { mine_id: 1 }).unwrap_err();
        assert!(matches!(error.kind(), EmitErrorKind::Unserialisable(why) if why.contains("explodes")), "{error}");
        assert_eq!(error.into_event().mine_id, 1);
        buffer.emit(toss(1, 1)).unwrap();
        assert_eq!(buffer.commit().await.unwrap().len(), 2);
        assert_eq!(settled(&game.emissions).await.delivered, 2);
        assert_eq!(game.journal.entries(), ["1/0", "1/1"]);
    }
}

#[tokio::test]
async fn a_serialiser_nobody_asks_does_not_matter() {
    let game = Game::open().await;
    let buffer = game.emissions.start();
    buffer.emit(MineTriggered { mine_id: 1 }).unwrap();
    buffer.commit().await.unwrap();
    assert_eq!(settled(&game.emissions).await.dropped_unheard, 1);
}

#[tokio::test]
async fn a_destructor_that_panics_takes_no_other_event_along() {
    let game = Game::open().await;
    let buffer = game.emissions.start();
    buffer.emit(toss(1, 0)).unwrap();
    buffer.emit(TrapSprung { trap_id: 1 }).unwrap();
    buffer.emit(toss(1, 1)).unwrap();
    buffer.terminate();
    let buffer = game.emissions.start();
    buffer.emit(toss(2, 0)).unwrap();
    buffer.emit(TrapSprung { trap_id: 2 }).unwrap();
    buffer.emit(toss(2, 1)).unwrap();
    buffer.commit().await.unwrap();
    let counters = settled(&game.emissions).await;
    assert_eq!(game.journal.entries(), ["2/0", "2/1"]);
    assert_eq!((counters.dropped_terminated, counters.delivered, counters.dropped_unheard), (3, 2, 1));
}

#[tokio::test(start_paused = true)]
async fn destructors_that_panic_one_after_the_other_do_not_end_the_process() {
    let game = Game::with(|builder| builder).await;
    let buffer = game.emissions.start();
    for snare_id in 0..3 {
        buffer.emit(SnareSprung { snare_id }).unwrap();
    }
    buffer.terminate();
    // Behind one that keeps the only worker, until the deadline of the shutdown cuts all of them off.
    let _ = game.emissions.emit(toss(1, 0)).unwrap();
    for snare_id in 3..6 {
        let _ = game.emissions.emit(SnareSprung { snare_id }).unwrap();
    }
    let report = game.emissions.shutdown(Duration::from_secs(1)).await;
    assert_eq!((report.delivered, report.lost), (0, 4));
    assert_eq!(game.emissions.counters().dropped_terminated, 3);
}

#[tokio::test]
async fn a_destructor_that_panics_takes_nothing_along_that_only_goes_to_adapters() {
    let memory = Memory::new();
    let settings = |builder: emissions::Builder| builder.adapter("memory", memory.clone()).route("snare.*", "memory");
    let game = Game::with(settings).await;
    game.table.close();
    let buffer = game.emissions.start();
    buffer.emit(SnareSprung { snare_id: 1 }).unwrap();
    buffer.emit(SnareSprung { snare_id: 2 }).unwrap();
    buffer.emit(toss(1, 0)).unwrap();
    assert_eq!(buffer.commit().await.unwrap().len(), 3);
    let _ = game.emissions.emit(SnareSprung { snare_id: 3 }).unwrap();
    let _ = game.emissions.emit_async(SnareSprung { snare_id: 4 }).await.unwrap();
    let counters = settled(&game.emissions).await;
    assert_eq!((memory.events().len(), counters.delivered, counters.in_flight), (4, 5, 0));
    assert_eq!(game.journal.entries(), ["1/0"]);
}

/// Commits of every kind on several threads while the emissions are shut down under them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_raced_by_a_shutdown_is_whole_or_refused() {
    for round in 0..60_u64 {
        let game = Game::with(|builder| builder.queue_capacity(16)).await;
        game.table.close();
        let (emissions, committed) = (&game.emissions, Arc::new(AtomicUsize::new(0)));
        let mut tasks = JoinSet::new();
        for coin in 0..12_u64 {
            let (emissions, committed) = (emissions.clone(), Arc::clone(&committed));
            tasks.spawn(async move {
                let buffer = emissions.start();
                for index in 0..3 {
                    if buffer.emit(toss(coin, index)).is_err() {
                        return;
                    }
                }
                let whole = match coin % 4 {
                    0 => buffer.commit().await.map_err(Some),
                    1 => buffer.commit_acked().await.map(Into::into).map_err(|error| match error {
                        emissions::AcknowledgeError::NotCommitted(error) => Some(error),
                        _ => None,
                    }),
                    2 => buffer.flush().await.map_err(Some),
                    _ => buffer.try_commit().map_err(|error| match error {
                        TryCommitError::Refused(error) => Some(error),
                        _ => None,
                    }),
                };
                match whole {
                    Ok(_) => {
                        committed.fetch_add(3, SeqCst);
                    }
                    Err(Some(error)) => assert_eq!(error, CommitError::ShutDown { events: 3 }),
                    Err(None) => {}
                }
            });
        }
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        let _ = emissions.shutdown(Duration::from_millis(round % 3)).await;
        while tasks.join_next().await.transpose().expect("no task panics").is_some() {}
        settled(emissions).await;
        let seen = game.journal.entries();
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "nothing twice");
        let counters = emissions.counters();
        // With time enough, whatever was committed is delivered, and nothing else.
        if counters.dropped_shutdown == 0 {
            assert!(seen.len() >= committed.load(SeqCst), "{} of {}", seen.len(), committed.load(SeqCst));
        }
    }
}

/// A unit of work with every kind of wait in it, dropped after each number of polls.
#[tokio::test]
async fn a_scope_dropped_at_any_of_its_awaits_leaves_nothing_behind() {
    let mut finished = false;
    let mut outcomes = std::collections::BTreeSet::new();
    for polls in 0..60 {
        let game = Game::with(|builder| builder.queue_capacity(4)).await;
        {
            let emissions = game.emissions.clone();
            let work = game.emissions.scope(async {
                emissions::emit(toss(1, 0)).unwrap();
                tokio::task::yield_now().await;
                emissions::flush().await.map_err(|_| Refused("not flushed"))?;
                emissions::emit(toss(1, 1)).unwrap();
                let inner = emissions.scope(async {
                    emissions::emit(toss(1, 2)).unwrap();
                    tokio::task::yield_now().await;
                    Ok::<_, Refused>(())
                });
                inner.await.map_err(|_| Refused("no savepoint"))?;
                let child = tokio::spawn(emissions::attach(async {
                    tokio::task::yield_now().await;
                    emissions::emit(toss(1, 3)).map(drop).map_err(|_| Refused("too late"))
                }));
                child.await.map_err(|_| Refused("no child"))??;
                emissions::flush().await.map_err(|_| Refused("not flushed"))?;
                emissions::emit(toss(1, 4)).unwrap();
                emissions::emit(toss(1, 5)).unwrap();
                Ok::<_, Refused>(())
            });
            let mut work = pin!(work);
            for poll in 0..polls {
                if poll!(&mut work).is_ready() {
                    finished = true;
                    break;
                }
                // The worker takes one now and then, so that the commit has to wait for room.
                if poll % 5 == 4 {
                    game.table.add_permits(1);
                }
                tokio::task::yield_now().await;
            }
        }
        game.table.close();
        let counters = settled(&game.emissions).await;
        let seen = game.journal.entries();
        let whole = [&[][..], &["1/0"][..], &["1/0", "1/1", "1/2", "1/3"], &["1/0", "1/1", "1/2", "1/3", "1/4", "1/5"]];
        assert!(whole.iter().any(|whole| seen == **whole), "after {polls} polls: {seen:?}");
        assert_eq!(counters.delivered as usize, seen.len());
        outcomes.insert(seen.len());
    }
    assert!(finished, "the last ones run to the end");
    assert_eq!(outcomes.into_iter().collect::<Vec<_>>(), [0, 1, 4, 6]);
}

/// As above, for the commits of a handle while there is no room.
#[tokio::test]
async fn a_commit_dropped_at_any_poll_is_whole_or_nothing() {
    for acked in [false, true] {
        for polls in 0..12 {
            let memory = Memory::new();
            let options = AdapterOptions::default().capacity(4, 1 << 20);
            let game = Game::with(|builder| {
                builder.queue_capacity(4).adapter_with("memory", memory.clone(), options).route("coin.*", "memory")
            })
            .await;
            for index in 0..4 {
                let _ = game.emissions.emit(toss(0, index));
                tokio::task::yield_now().await;
            }
            let buffer = game.emissions.start();
            for index in 0..4 {
                buffer.emit(toss(1, index)).unwrap();
            }
            {
                let commit =
                    async { if acked { buffer.commit_acked().await.is_ok() } else { buffer.commit().await.is_ok() } };
                let mut commit = pin!(commit);
                for _ in 0..polls {
                    if poll!(&mut commit).is_ready() {
                        break;
                    }
                    game.table.add_permits(1);
                    tokio::task::yield_now().await;
                }
            }
            game.table.close();
            let counters = settled(&game.emissions).await;
            let of_buffer = |text: &String| text.starts_with("1/");
            let heard = game.journal.entries().iter().filter(|text| of_buffer(text)).count();
            let carried = memory.events().iter().filter(|event| event.partition_key.as_deref() == Some("1")).count();
            assert!(heard == carried && [0, 4].contains(&heard), "{polls}: {heard} heard, {carried} carried");
            assert_eq!(counters.dropped_abandoned, 4 - heard as u64, "{counters:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_units_of_work_through_small_queues_arrive_once_and_in_order_everywhere() {
    let (quick, slow) = (Memory::new(), Memory::new());
    let (small, smaller) =
        (AdapterOptions::default().capacity(7, 1 << 20), AdapterOptions::default().capacity(3, 1 << 20));
    let game = Game::with(|builder| {
        builder
            .queue_capacity(5)
            .adapter_with("quick", quick.clone(), small)
            .adapter_with("slow", slow.clone(), smaller)
            .route("coin.*", "quick")
            .route("coin.*", "slow")
    })
    .await;
    game.table.close();
    let mut tasks = JoinSet::new();
    for coin in 0..1000_u64 {
        let emissions = game.emissions.clone();
        tasks.spawn(async move {
            emissions
                .scope(async {
                    for index in 0..3 {
                        emissions::emit(toss(coin, index)).unwrap();
                        tokio::task::yield_now().await;
                    }
                    if coin % 10 == 9 { Err(Refused("every tenth")) } else { Ok(()) }
                })
                .await
                .is_ok()
        });
    }
    let committed = tasks.join_all().await.into_iter().filter(|committed| *committed).count();
    assert_eq!(committed, 900);
    let counters = settled(&game.emissions).await;
    assert_eq!((counters.delivered, counters.dropped_terminated, counters.dropped()), (2700, 300, 300));
    let carried = |memory: &Memory| -> Vec<String> {
        let toss = |event: &emissions::RawEnvelope| event.decode::<CoinTossed>().unwrap().payload;
        memory.events().iter().map(toss).map(|toss| format!("{}/{}", toss.coin_id, toss.toss_index)).collect()
    };
    for seen in [game.journal.entries(), carried(&quick), carried(&slow)] {
        assert_eq!(seen.len(), 2700);
        for coin in (0..1000).filter(|coin| coin % 10 != 9) {
            let prefix = format!("{coin}/");
            let own: Vec<_> = seen.iter().filter_map(|text| text.strip_prefix(&prefix)).collect();
            assert_eq!(own, ["0", "1", "2"], "coin {coin}");
        }
    }
}

/// Destructors and serialisers are the user's code, and may emit themselves.
#[tokio::test]
async fn whoever_emits_while_a_buffer_is_closed_is_refused_and_blocks_nobody() {
    let game = Game::open().await;
    let result = AssertUnwindSafe(game.emissions.scope(async {
        struct EmitsAtTheEnd;
        impl Drop for EmitsAtTheEnd {
            fn drop(&mut self) {
                let _ = emissions::emit(toss(9, 9));
            }
        }
        let _at_the_end = EmitsAtTheEnd;
        emissions::emit(toss(1, 0)).unwrap();
        emissions::commit().await.unwrap();
        assert!(emissions::emit(toss(1, 1)).is_err());
        std::panic::resume_unwind(Box::new("the work panics"));
        #[expect(unreachable_code, reason = "it gives the block its type")]
        Ok::<(), Refused>(())
    }))
    .catch_unwind()
    .await;
    assert!(result.is_err());
    assert_eq!(settled(&game.emissions).await.dropped_not_started, 2);
    assert_eq!(game.journal.entries(), ["1/0"]);
}
