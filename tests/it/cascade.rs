//! Events that listeners emit.

mod on_success {
    use std::sync::Arc;

    use emissions::{Ctx, Envelope, event, on_event};

    use crate::support::{Journal, Refused, only};

    /// A quote was requested.
    #[event(name = "quote.requested")]
    struct QuoteRequested {
        /// How the listener ends.
        listener_end: String,
    }

    /// A quote was sent.
    #[event(name = "quote.sent")]
    struct QuoteSent {
        /// Position in the cascade.
        sent_position: u32,
    }

    #[on_event(retry(attempts = 2, backoff = "1ms"))]
    async fn answers(event: &QuoteRequested, ctx: &Ctx, journal: &Journal) -> Result<(), Refused> {
        for sent_position in 0..3 {
            ctx.emit(QuoteSent { sent_position }).unwrap();
        }
        journal.note(format_args!("answered {}", ctx.attempt()));
        match event.listener_end.as_str() {
            "fails" => Err(Refused("no quote")),
            "fails once" if ctx.attempt() == 1 => Err(Refused("not yet")),
            "panics" => panic!("no quote"),
            "hangs" => std::future::pending().await,
            _ => Ok(()),
        }
    }

    #[on_event]
    async fn hears(event: &Envelope<QuoteSent>, journal: &Journal) {
        journal.note(format_args!("sent {}", event.payload.sent_position));
    }

    async fn run(end: &str) -> Vec<String> {
        let journal = Arc::new(Journal::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();
        let emission = emissions.emission(QuoteRequested { listener_end: end.into() });
        let result = emission.within(std::time::Duration::from_secs(1)).emit_async().await;
        assert_eq!(result.is_ok(), matches!(end, "succeeds" | "fails once"));
        let report = emissions.shutdown(std::time::Duration::from_secs(5)).await;
        assert_eq!(report.lost, 0);
        journal.entries()
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_listener_emits_follows_its_success_in_order() {
        assert_eq!(run("succeeds").await, ["answered 1", "sent 0", "sent 1", "sent 2"]);
    }

    #[tokio::test(start_paused = true)]
    async fn each_attempt_has_a_buffer_of_its_own() {
        assert_eq!(run("fails once").await, ["answered 1", "answered 2", "sent 0", "sent 1", "sent 2"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_listener_that_does_not_succeed_emits_nothing() {
        assert_eq!(run("fails").await, ["answered 1", "answered 2"]);
        assert_eq!(run("panics").await, ["answered 1"]);
        assert_eq!(run("hangs").await, ["answered 1"]);
    }
}

mod inheritance {
    use std::sync::{Arc, Mutex, OnceLock};

    use emissions::{Ctx, Emissions, Envelope, EnvelopeHead, envelope::TraceParent, event, on_event};

    use crate::support::only;

    /// A stone was thrown.
    #[event(name = "stone.thrown")]
    struct StoneThrown {
        /// How the ripple is emitted.
        ripple_verb: String,
    }

    /// A ripple was seen.
    #[event(name = "ripple.seen")]
    struct RippleSeen {
        /// How it was emitted.
        seen_verb: String,
    }

    #[derive(Default)]
    struct Handle(OnceLock<Emissions>);

    impl Handle {
        fn get(&self) -> &Emissions {
            self.0.get().unwrap()
        }
    }

    #[derive(Default)]
    struct Heads(Mutex<Vec<EnvelopeHead>>);

    #[on_event]
    async fn ripples(event: &StoneThrown, ctx: &Ctx, handle: &Arc<Handle>) {
        let ripple = RippleSeen { seen_verb: event.ripple_verb.clone() };
        // Another pass than the first one.
        tokio::task::yield_now().await;
        match event.ripple_verb.as_str() {
            "ctx.emit" => ctx.emit(ripple).unwrap(),
            "ctx.emit_async" => drop(ctx.emit_async(ripple).await.unwrap()),
            "ambient emit" => drop(handle.get().emit(ripple).unwrap().event_id()),
            "ambient emit_async" => drop(handle.get().emit_async(ripple).await.unwrap()),
            "ctx.spawn" => {
                let handle = Arc::clone(handle);
                ctx.spawn(async move {
                    tokio::task::yield_now().await;
                    handle.get().emit_async(ripple).await.map(drop).map_err(|error| error.to_string())
                });
            }
            "ctx.detach" => {
                let handle = Arc::clone(handle);
                ctx.detach("to see what it inherits", async move {
                    tokio::task::yield_now().await;
                    handle.get().emit_async(ripple).await.map(drop).map_err(|error| error.to_string())
                });
            }
            other => panic!("{other} is no verb"),
        }
    }

    #[on_event]
    async fn listens_twice_to_nothing(_: &StoneThrown) {
        tokio::task::yield_now().await;
    }

    #[on_event]
    async fn sees(event: &Envelope<RippleSeen>, heads: &Heads) {
        heads.0.lock().unwrap().push(event.head.clone());
        let _ = &event.payload.seen_verb;
    }

    #[tokio::test]
    async fn correlation_causation_and_trace_follow_every_way_to_emit() {
        let trace = TraceParent::new(7, 9, 1).unwrap();
        for verb in ["ctx.emit", "ctx.emit_async", "ambient emit", "ambient emit_async", "ctx.spawn", "ctx.detach"] {
            let (handle, heads) = (Arc::new(Handle::default()), Arc::new(Heads::default()));
            let emissions = only(module_path!())
                .provide(Arc::clone(&handle))
                .provide_arc(Arc::clone(&heads))
                .start()
                .await
                .unwrap();
            handle.0.set(emissions.clone()).unwrap();
            let emission = emissions.emission(StoneThrown { ripple_verb: verb.into() }).trace_parent(trace);
            let gate = emission.emit_async().await.unwrap();
            assert_eq!(emissions.shutdown(std::time::Duration::from_secs(5)).await.lost, 0);
            let heads = heads.0.lock().unwrap();
            assert_eq!(heads.len(), 1, "{verb}");
            assert_eq!(heads[0].correlation_id, gate.event_id(), "{verb}");
            assert_eq!(heads[0].causation_id, Some(gate.event_id()), "{verb}");
            assert_eq!(heads[0].trace_parent, Some(trace), "{verb}");
        }
    }

    #[tokio::test]
    async fn nothing_is_inherited_outside_of_a_listener() {
        let (handle, heads) = (Arc::new(Handle::default()), Arc::new(Heads::default()));
        let emissions =
            only(module_path!()).provide(Arc::clone(&handle)).provide_arc(Arc::clone(&heads)).start().await.unwrap();
        handle.0.set(emissions.clone()).unwrap();
        let stone = emissions.emission(StoneThrown { ripple_verb: "ambient emit_async".into() }).emit_async();
        // Polled between two polls of the other, in the same task.
        let ripple = async {
            tokio::task::yield_now().await;
            emissions.emit_async(RippleSeen { seen_verb: String::new() }).await
        };
        let (stone, ripple) = tokio::join!(stone, ripple);
        let _ = stone.unwrap();
        let ripple = ripple.unwrap().event_id();
        let heads = heads.0.lock().unwrap();
        let own = heads.iter().find(|head| head.event_id == ripple).unwrap();
        assert_eq!((own.correlation_id, own.causation_id), (ripple, None));
    }
}

mod endless {
    use std::sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering::SeqCst},
    };

    use emissions::{Ctx, Emissions, GateError, event, on_event};

    use crate::support::{Journal, only};

    /// An echo was heard.
    #[event(name = "echo.heard")]
    struct EchoHeard {
        /// Whether the echo is emitted through the emissions or the context.
        echo_verb: String,
    }

    #[derive(Default)]
    struct Handle(OnceLock<Emissions>);

    #[derive(Default)]
    struct Heard(AtomicU32);

    #[on_event]
    async fn echoes(
        event: &EchoHeard,
        ctx: &Ctx,
        handle: &Handle,
        heard: &Heard,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        heard.0.fetch_add(1, SeqCst);
        let echo = EchoHeard { echo_verb: event.echo_verb.clone() };
        match event.echo_verb.as_str() {
            "staged" => ctx.emit(echo).map_err(|error| error.to_string())?,
            "ambient" => {
                let emissions = handle.0.get().ok_or("no emissions")?;
                Box::pin(emissions.emit_async(echo)).await.map(drop).map_err(|error| error.to_string())?;
            }
            _ => Box::pin(ctx.emit_async(echo)).await.map(drop).map_err(|error| error.to_string())?,
        }
        Ok(())
    }

    async fn run(verb: &str, limit: Option<u16>) -> (String, u32) {
        let (handle, heard) = (Arc::new(Handle::default()), Arc::new(Heard::default()));
        let failures = Arc::new(Journal::default());
        let sink = Arc::clone(&failures);
        let mut builder = only(module_path!()).provide_arc(Arc::clone(&handle)).provide_arc(Arc::clone(&heard));
        if let Some(limit) = limit {
            builder = builder.cascade_limit(limit);
        }
        let emissions = builder.on_failure(move |failure| sink.note(failure)).start().await.unwrap();
        handle.0.set(emissions.clone()).ok();
        let result = emissions.emit_async(EchoHeard { echo_verb: verb.into() }).await;
        assert_eq!(emissions.shutdown(std::time::Duration::from_secs(5)).await.lost, 0);
        let text = match result {
            Err(error) => {
                assert!(matches!(error, GateError::Failed(_)));
                error.to_string()
            }
            Ok(_) => failures.entries().join("\n"),
        };
        (text, heard.0.load(SeqCst))
    }

    #[tokio::test]
    async fn a_cascade_ends_at_the_limit_and_says_its_way() {
        for verb in ["nested", "ambient", "staged"] {
            let (text, heard) = run(verb, Some(3)).await;
            assert_eq!(heard, 4, "{verb}: the event itself and three that follow");
            let step = format!("echo.heard ({}::echoes) -> ", module_path!());
            assert!(text.contains("the cascade is deeper than 3: "), "{verb}: {text}");
            assert!(text.contains(&format!("{}echo.heard", step.repeat(4))), "{verb}: {text}");
        }
    }

    #[tokio::test]
    async fn the_limit_is_sixteen_unless_set() {
        assert_eq!(run("nested", None).await.1, 17);
    }
}

mod gates {
    use std::{sync::Arc, time::Duration};

    use emissions::{Ctx, event, on_event};
    use tokio::time::Instant;

    use crate::support::{Journal, only};

    /// A fire was reported.
    #[event(name = "fire.reported")]
    struct FireReported {
        /// Whether the listener waits for the engine.
        engine_wait: String,
    }

    /// A fire engine was sent.
    #[event(name = "engine.sent")]
    struct EngineSent {
        /// Engine that was sent.
        engine_id: String,
    }

    #[on_event]
    async fn dispatches(event: &FireReported, ctx: &Ctx) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let sent = EngineSent { engine_id: "e".into() };
        if event.engine_wait == "waits" {
            ctx.emit_async(sent).await.map(drop).map_err(|error| error.to_string())?;
        } else {
            ctx.emit(sent).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    #[on_event]
    async fn drives(event: &EngineSent, journal: &Journal) {
        tokio::time::sleep(Duration::from_secs(9)).await;
        journal.note(format_args!("arrived {}", event.engine_id));
    }

    #[tokio::test(start_paused = true)]
    async fn a_nested_gate_holds_and_a_cascaded_emit_does_not() {
        let journal = Arc::new(Journal::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();
        let began = Instant::now();
        let _ = emissions.emit_async(FireReported { engine_wait: "waits".into() }).await.unwrap();
        assert_eq!((began.elapsed(), journal.entries().len()), (Duration::from_secs(9), 1));

        let began = Instant::now();
        let _ = emissions.emit_async(FireReported { engine_wait: "goes on".into() }).await.unwrap();
        assert_eq!((began.elapsed(), journal.entries().len()), (Duration::ZERO, 1));
        assert_eq!(emissions.shutdown(Duration::from_mins(1)).await.lost, 0);
        assert_eq!(journal.entries().len(), 2, "it was delivered behind the gate");
    }
}
