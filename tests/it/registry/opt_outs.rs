//! Everything the lint was told to let pass is in the listener's descriptor.

use emissions::{
    Registry,
    registry::{ListenerDescriptor, OptOutKind},
};

mod listeners {
    use emissions::{Ctx, RawEnvelope, event, listener, on_event};

    /// A chapter was printed.
    #[event(name = "chapter.printed", gate(allow_none))]
    struct ChapterPrinted {
        /// Chapter that was printed.
        chapter_id: u64,
    }

    type Done = Result<(), std::io::Error>;

    async fn bind(_: u64) -> Done {
        Ok(())
    }

    fn shelve<T>(_: T) {}

    macro_rules! wait {
        ($work:expr) => {
            $work.await?
        };
    }

    /// Nothing let pass.
    #[on_event]
    async fn a_careful(event: &ChapterPrinted) -> Done {
        bind(event.chapter_id).await
    }

    /// Every key of the attribute.
    #[on_event(
        strict,
        awaits(wait, never_used),
        consumes(shelve),
        allow(detached_task, ignored_result, reason = "a test")
    )]
    async fn b_careless(event: &ChapterPrinted) -> Done {
        wait!(bind(event.chapter_id));
        shelve(bind(event.chapter_id));
        tokio::spawn(bind(event.chapter_id));
        Ok(())
    }

    /// Detached wherever it may stand, and listed once each.
    #[on_event]
    async fn c_detaching(event: &ChapterPrinted, ctx: &Ctx) -> Done {
        let id = event.chapter_id;
        ctx.detach("at the top", bind(id));
        for other in 0..3 {
            for other in other..id {
                ctx.detach("in two loops", bind(other));
            }
        }
        let later = |id| ctx.detach("in a closure", bind(id));
        later(id);
        async { ctx.detach(r#"in a block that says "later""#, bind(id)) }.await;
        tokio::select! {
            () = std::future::ready(()) => ctx.detach("in an arm", bind(id)),
        }
        if id == 0 {
            ctx.detach("in a branch", bind(id));
        } else {
            ctx.detach("in another", bind(id));
        }
        Ok(())
    }

    struct Press;

    #[listener]
    impl Press {
        /// A method, of any event.
        #[on_event(name = "chapter.*", allow(forgotten_work, reason = "a method"))]
        async fn d_method(_: &RawEnvelope, ctx: &Ctx) {
            let _kept = bind(1);
            ctx.detach("from a method", bind(2));
        }
    }
}

fn descriptor(name: &str) -> &'static ListenerDescriptor {
    let registry = Registry::collect().within(concat!(module_path!(), "::listeners"));
    registry.listeners().iter().find(|listener| (listener.function)().ends_with(name)).copied().unwrap()
}

/// Kind, subject and reason of each, in the order in which they are written.
fn recorded(name: &str) -> Vec<(OptOutKind, &'static str, Option<&'static str>)> {
    descriptor(name).opt_outs.iter().map(|out| (out.kind, out.subject, out.reason)).collect()
}

/// The line of this file that an opt-out stands on.
fn lines(name: &str) -> Vec<&'static str> {
    let source: Vec<_> = include_str!("opt_outs.rs").lines().collect();
    descriptor(name).opt_outs.iter().map(|out| source[out.line as usize - 1].trim()).collect()
}

#[test]
fn a_careful_listener_has_none() {
    assert_eq!(recorded("a_careful"), []);
    assert!(!descriptor("a_careful").strict);
}

#[test]
fn every_key_of_the_attribute_is_recorded() {
    let why = Some("a test");
    assert_eq!(
        recorded("b_careless"),
        [
            (OptOutKind::Awaits, "wait", None),
            (OptOutKind::Awaits, "never_used", None),
            (OptOutKind::Consumes, "shelve", None),
            (OptOutKind::Allow, "detached_task", why),
            (OptOutKind::Allow, "ignored_result", why),
        ]
    );
    assert!(descriptor("b_careless").strict);
    let [awaits, consumes, allow] =
        ["awaits(wait, never_used),", "consumes(shelve),", "allow(detached_task, ignored_result, reason = \"a test\")"];
    assert_eq!(lines("b_careless"), [awaits, awaits, consumes, allow, allow]);
}

#[test]
fn every_detach_is_recorded_once_with_its_reason_and_its_line() {
    let reasons: Vec<_> = recorded("c_detaching").into_iter().filter_map(|(_, _, reason)| reason).collect();
    assert_eq!(
        reasons,
        [
            "at the top",
            "in two loops",
            "in a closure",
            "in a block that says \"later\"",
            "in an arm",
            "in a branch",
            "in another"
        ]
    );
    assert!(recorded("c_detaching").iter().all(|(kind, subject, _)| *kind == OptOutKind::Detach && subject.is_empty()));
    for (reason, line) in reasons.iter().zip(lines("c_detaching")) {
        assert!(line.contains(".detach(") && line.contains(&reason[..8]), "{reason}: {line}");
    }
}

#[test]
fn methods_are_treated_alike() {
    assert_eq!(
        recorded("d_method"),
        [(OptOutKind::Allow, "forgotten_work", Some("a method")), (OptOutKind::Detach, "", Some("from a method"))]
    );
}
