//! A gate that stayed shut, tried again.

use std::{
    error::Error,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use emissions::{Ctx, Emissions, EnvelopeHead, Gate, GateError, event, on_event};

use crate::support::{Journal, Refused, only};

/// A campaign was launched.
#[event(name = "campaign.launched", bulk = reader_emails, on_empty = "refuse")]
struct CampaignLaunched {
    /// Addresses it goes to.
    reader_emails: Vec<String>,
}

/// A campaign was planned.
#[event(name = "campaign.planned")]
struct CampaignPlanned {
    /// Addresses it will go to.
    planned_emails: Vec<String>,
}

#[derive(Default)]
struct Outage(AtomicBool);

#[derive(Default)]
struct Heads(Mutex<Vec<EnvelopeHead>>);

#[on_event]
async fn a_counts(event: &CampaignLaunched, journal: &Journal) {
    journal.note(format_args!("counted {}", event.reader_emails.len()));
}

#[on_event]
async fn b_sends(
    event: &emissions::Envelope<CampaignLaunched>,
    journal: &Journal,
    outage: &Outage,
    heads: &Heads,
) -> Result<(), Refused> {
    journal.note("sent");
    heads.0.lock().unwrap().push(event.head.clone());
    if outage.0.load(SeqCst) { Err(Refused("no line")) } else { Ok(()) }
}

#[on_event(after = b_sends)]
async fn c_archives(_: &CampaignLaunched, journal: &Journal) {
    journal.note("archived");
}

#[on_event(observer)]
async fn d_watches(_: &CampaignLaunched, journal: &Journal) {
    journal.note("watched");
}

#[on_event]
async fn launches(event: &CampaignPlanned, ctx: &Ctx, outage: &Outage) -> Result<(), String> {
    let launched = CampaignLaunched { reader_emails: event.planned_emails.clone() };
    let error = ctx.emit_async(launched).await.err().ok_or("the outage did not happen")?;
    outage.0.store(false, SeqCst);
    error.retry_failed(emissions_of(ctx)?).await.map(drop).map_err(|error| error.to_string())
}

/// The emissions of the listener, as a service would keep them.
fn emissions_of(_: &Ctx) -> Result<&'static Emissions, String> {
    KEPT.get().ok_or_else(|| "not kept".to_owned())
}

static KEPT: std::sync::OnceLock<Emissions> = std::sync::OnceLock::new();

async fn start() -> (Emissions, Arc<Journal>, Arc<Outage>, Arc<Heads>) {
    let (journal, outage, heads) = (Arc::default(), Arc::new(Outage(true.into())), Arc::default());
    let emissions = only(module_path!())
        .provide_arc(Arc::clone(&journal))
        .provide_arc(Arc::clone(&outage))
        .provide_arc(Arc::clone(&heads))
        .start()
        .await
        .unwrap();
    (emissions, journal, outage, heads)
}

fn launch() -> CampaignLaunched {
    CampaignLaunched { reader_emails: vec!["a@example.org".into(), "b@example.org".into()] }
}

#[tokio::test]
async fn only_what_did_not_succeed_runs_again_under_the_same_identity() {
    let (emissions, journal, outage, heads) = start().await;
    let error = emissions.emission(launch()).subject("spring").emit_async().await.unwrap_err();
    let event_id = error.event_id();
    let source = error.source().unwrap();
    assert_eq!(source.downcast_ref(), Some(&Refused("no line")), "the listener's own error is kept");
    let failed: Vec<_> = error.failures().iter().map(|failure| failure.id.rsplit("::").next().unwrap()).collect();
    assert_eq!(failed, ["b_sends", "c_archives"]);

    let error = error.retry_failed(&emissions).await.unwrap_err();
    assert_eq!((error.event_id(), error.report().len()), (event_id, 3));
    outage.0.store(false, SeqCst);
    let gate = error.retry_failed(&emissions).await.unwrap();
    assert_eq!((gate.event_id(), gate.report().len()), (event_id, 3), "the report covers all, from whichever run");
    assert!(gate.report().iter().all(|participant| participant.outcome.is_success()));

    assert_eq!(emissions.shutdown(std::time::Duration::from_secs(5)).await.lost, 0);
    assert_eq!(journal.sorted(), ["archived", "counted 2", "sent", "sent", "sent", "watched"]);
    let heads = heads.0.lock().unwrap();
    assert!(heads.iter().all(|head| *head == heads[0]), "subject, causation and all else are the same");
}

#[tokio::test]
async fn the_cause_is_kept() {
    let (emissions, journal, _outage, heads) = start().await;
    KEPT.set(emissions.clone()).unwrap();
    let planned = CampaignPlanned { planned_emails: vec!["a@example.org".into()] };
    let gate = emissions.emit_async(planned).await.unwrap();
    let heads = heads.0.lock().unwrap();
    assert_eq!(heads.len(), 2);
    assert!(heads.iter().all(|head| head.causation_id == Some(gate.event_id()) && *head == heads[0]));
    assert_eq!(journal.entries().iter().filter(|entry| *entry == "sent").count(), 2);
}

#[test]
fn gates_and_their_errors_go_between_threads() {
    fn is_send<T: Send + 'static>() {}
    is_send::<Gate<CampaignLaunched>>();
    is_send::<GateError<CampaignLaunched>>();
}
