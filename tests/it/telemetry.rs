//! What operators see.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, Once,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use emissions::{
    Adapter, AdapterOptions, Capabilities, Ctx, Delivery, Emissions, Overflow, RawEnvelope, Settlement,
    dead_letter::MemoryDeadLetters, event, on_event,
};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span,
};

use crate::support::{Refused, only};

/// A train arrived.
#[event(name = "train.arrived")]
struct TrainArrived {
    /// How the signalman fares.
    signal_fate: String,
}

/// A train was cleaned.
#[event(name = "train.cleaned")]
struct TrainCleaned {
    /// Train that was cleaned.
    train_id: String,
}

#[on_event(retry(attempts = 2, backoff = "1ms"))]
async fn signals(event: &TrainArrived, ctx: &Ctx) -> Result<(), Refused> {
    ctx.detach("nobody waits for the mail", async {});
    match event.signal_fate.as_str() {
        "fails" => Err(Refused("red")),
        "is slow" => {
            tokio::time::sleep(Duration::from_secs(90)).await;
            Ok(())
        }
        _ => Ok(()),
    }
}

#[on_event(observer)]
async fn announces(_: &TrainArrived) {
    panic!("hoarse");
}

#[on_event]
async fn rests(event: &TrainCleaned) {
    let _ = &event.train_id;
    std::future::pending::<()>().await;
}

/// Spans and events, as text: `name {fields}`.
#[derive(Clone, Default)]
struct Traces(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    spans: Vec<Span>,
    events: Vec<Fields>,
    entered: Vec<u64>,
}

#[derive(Clone)]
struct Span {
    name: &'static str,
    parent: Option<u64>,
    fields: Fields,
}

#[derive(Clone, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

impl Fields {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

thread_local! {
    static OF_THIS_TEST: RefCell<Option<Traces>> = const { RefCell::new(None) };
}

/// The one subscriber of the process: what is of interest does not change from test to test, and
/// each thread, which is each test, has its own traces.
struct PerTest;

impl PerTest {
    fn with<T>(act: impl FnOnce(&mut Seen) -> T) -> Option<T> {
        OF_THIS_TEST.with_borrow(|traces| traces.as_ref().map(|traces| act(&mut traces.0.lock().unwrap())))
    }
}

impl Subscriber for PerTest {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "emissions"
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let id = Self::with(|seen| {
            let contextual = attributes.is_contextual().then(|| seen.entered.last().copied()).flatten();
            let parent = attributes.parent().map(span::Id::into_u64).or(contextual);
            seen.spans.push(Span { name: attributes.metadata().name(), parent, fields });
            seen.spans.len() as u64
        });
        span::Id::from_u64(id.unwrap_or(u64::MAX))
    }

    fn record(&self, span: &span::Id, values: &span::Record<'_>) {
        let position = usize::try_from(span.into_u64()).unwrap() - 1;
        Self::with(|seen| values.record(&mut seen.spans[position].fields));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        Self::with(|seen| seen.events.push(fields));
    }

    fn enter(&self, span: &span::Id) {
        Self::with(|seen| seen.entered.push(span.into_u64()));
    }

    fn exit(&self, span: &span::Id) {
        let left = Self::with(|seen| seen.entered.pop()).flatten();
        assert!(left.is_none_or(|left| left == span.into_u64()), "spans are left in the order they were entered");
    }
}

impl Traces {
    /// Traces of this test, which has a thread of its own.
    fn of_this_test() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing::subscriber::set_global_default(PerTest).unwrap());
        let traces = Self::default();
        OF_THIS_TEST.set(Some(traces.clone()));
        traces
    }

    fn spans(&self, name: &str) -> Vec<Span> {
        self.0.lock().unwrap().spans.iter().filter(|span| span.name == name).cloned().collect()
    }

    fn said(&self, message: &str) -> Vec<Fields> {
        self.0.lock().unwrap().events.iter().filter(|event| event.get("message") == message).cloned().collect()
    }
}

/// Counts what reaches the facade.
#[derive(Clone, Default)]
struct Numbers(Arc<Mutex<BTreeMap<String, Arc<Number>>>>);

#[derive(Default)]
struct Number(AtomicU64);

impl CounterFn for Number {
    fn increment(&self, value: u64) {
        self.0.fetch_add(value, SeqCst);
    }

    fn absolute(&self, value: u64) {
        self.0.store(value, SeqCst);
    }
}

/// A gauge in these tests holds whole numbers, and is never below zero.
impl GaugeFn for Number {
    fn increment(&self, value: f64) {
        self.0.fetch_add(whole(value), SeqCst);
    }

    fn decrement(&self, value: f64) {
        self.0.fetch_sub(whole(value), SeqCst);
    }

    fn set(&self, value: f64) {
        self.0.store(whole(value), SeqCst);
    }
}

/// Below zero it wraps, so that adding it subtracts.
fn whole(value: f64) -> u64 {
    value.to_string().parse::<i64>().expect("a whole number").cast_unsigned()
}

impl HistogramFn for Number {
    fn record(&self, _: f64) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Numbers {
    fn number(&self, key: &Key) -> Arc<Number> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let text = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::clone(self.0.lock().unwrap().entry(text).or_default())
    }

    fn read(&self) -> BTreeMap<String, u64> {
        self.0.lock().unwrap().iter().map(|(key, number)| (key.clone(), number.0.load(SeqCst))).collect()
    }
}

impl Recorder for Numbers {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.number(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.number(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.number(key))
    }
}

/// Everything that can be seen happens here once.
async fn a_day(emissions: &Emissions) {
    let arrived = |fate: &str| TrainArrived { signal_fate: fate.into() };
    let _ = emissions.emit_async(arrived("succeeds")).await.unwrap();
    let _ = emissions.emit_async(arrived("is slow")).await.unwrap();
    let error = emissions.emit_async(arrived("fails")).await.unwrap_err();
    let _ = error.retry_failed(emissions).await.unwrap_err();
    let _ = emissions.emit(arrived("fails")).unwrap();
    let mut cut_short = Box::pin(emissions.emit_async(TrainCleaned { train_id: "t".into() }));
    assert!(futures::poll!(&mut cut_short).is_pending());
    drop(cut_short);
    let _lazy = emissions.subscribe::<TrainArrived>().capacity(1);
    for _ in 0..2 {
        let _ = emissions.emit_async(arrived("succeeds")).await.unwrap();
    }
    let _ = emissions.shutdown(Duration::from_secs(5)).await;
    assert!(emissions.emit(arrived("late")).is_err());
}

#[tokio::test(start_paused = true)]
async fn spans_have_the_attributes_of_opentelemetry_and_no_ids_in_their_names() {
    let traces = Traces::of_this_test();
    let emissions = only(module_path!()).start().await.unwrap();
    a_day(&emissions).await;

    let emits = traces.spans("emit");
    let first = &emits[0].fields;
    assert_eq!(first.get("otel.name"), "send train.arrived");
    assert_eq!(first.get("otel.kind"), "producer");
    assert_eq!(first.get("messaging.system"), "emissions");
    assert_eq!(first.get("messaging.operation.name"), "emit_async");
    assert_eq!(first.get("messaging.operation.type"), "send");
    assert_eq!(first.get("messaging.destination.name"), "train.arrived");
    let event_id = first.get("messaging.message.id").to_owned();
    assert_eq!(event_id.parse::<emissions::Uuid>().unwrap().get_version_num(), 7);
    assert_eq!(first.get("messaging.message.conversation_id"), event_id);

    let listeners = traces.spans("listener");
    let signals = &listeners.iter().find(|span| span.fields.get("messaging.message.id") == event_id).unwrap();
    assert_eq!(signals.parent, Some(1), "the listener's span is below the emit's");
    assert_eq!(signals.fields.get("otel.name"), "process train.arrived");
    assert_eq!(signals.fields.get("otel.kind"), "consumer");
    assert_eq!(signals.fields.get("messaging.operation.type"), "process");
    assert_eq!(signals.fields.get("messaging.consumer.group.name"), format!("{}::signals", module_path!()));
    assert_eq!(signals.fields.get("error.type"), "");
    let failed = listeners.iter().filter(|span| span.fields.get("error.type") == "failed");
    assert_eq!(failed.count(), 3, "an awaited one, its retry, and one nobody waited for");
    let panicked = listeners.iter().filter(|span| span.fields.get("error.type") == "panicked");
    assert_eq!(panicked.count(), 6, "one per observer that was started by an emit, or ran with it");
    let cancelled: Vec<_> = emits.iter().filter(|span| span.fields.get("error.type") == "cancelled").collect();
    assert_eq!(cancelled.len(), 1);
    assert_eq!(cancelled[0].fields.get("otel.status_code"), "ERROR");

    for span in &traces.0.lock().unwrap().spans {
        let name = span.fields.get("otel.name");
        assert!(!name.is_empty() && !name.contains(|c: char| c.is_ascii_digit()), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn events_tell_of_drops_slow_listeners_retries_and_closed_gates() {
    let traces = Traces::of_this_test();
    let emissions = only(module_path!()).slow_listener(Duration::from_mins(1)).subscription_warning(2);
    let emissions = emissions.start().await.unwrap();
    a_day(&emissions).await;

    let dropped = traces.said("event dropped");
    assert_eq!(dropped.len(), 1);
    assert_eq!((dropped[0].get("event"), dropped[0].get("reason")), ("train.cleaned", "cancelled"));
    let slow = traces.said("slow listener");
    assert_eq!(slow.len(), 1);
    assert!(slow[0].get("listener").ends_with("::signals"));
    assert_eq!(slow[0].get("elapsed"), "90s");
    assert_eq!(traces.said("listener is tried again").len(), 3);
    let closed = traces.said("gate stayed shut");
    assert_eq!(closed.len(), 2);
    assert_eq!((closed[0].get("participants"), closed[0].get("failures")), ("1", "1"));
    let failed = traces.said("listener failed without a caller");
    assert_eq!(failed.iter().filter(|event| event.get("account") == "failed: red").count(), 1);
    assert_eq!(traces.said("work detached").len(), 10, "one per attempt");
    assert_eq!(traces.said("detached work done").len(), 10);
}

#[tokio::test]
async fn too_many_subscriptions_are_reported_with_their_place() {
    let traces = Traces::of_this_test();
    let emissions = only(module_path!()).subscription_warning(3).start().await.unwrap();
    let subscribe =
        |how_many: usize| -> Vec<_> { (0..how_many).map(|_| emissions.subscribe::<TrainArrived>()).collect() };
    let kept = subscribe(3);
    let warning = "many subscriptions to one event: one that is not dropped is a leak";
    assert!(traces.said(warning).is_empty());
    drop(kept);
    let _kept = subscribe(13);
    let said = traces.said(warning);
    let live: Vec<_> = said.iter().map(|event| event.get("live").to_owned()).collect();
    assert_eq!(live, ["4", "7", "13"], "past the threshold, then whenever their number has doubled");
    assert!(said[0].get("place").contains("telemetry.rs:"), "{}", said[0].get("place"));
}

#[tokio::test(start_paused = true)]
async fn numbers_have_few_labels_and_no_ids() {
    let numbers = Numbers::default();
    let _guard = metrics::set_default_local_recorder(&numbers);
    let emissions = only(module_path!()).start().await.unwrap();
    a_day(&emissions).await;

    let read = numbers.read();
    let module = module_path!();
    let page = include_str!("../../emissions/src/docs/telemetry.md");
    for key in read.keys() {
        let (name, labels) = key.trim_end_matches('}').split_once('{').unwrap();
        assert!(page.contains(&format!("`{name}`")), "{name} is not on the page");
        for label in labels.split(',') {
            let (label, value) = label.split_once('=').unwrap();
            let known = match label {
                "event" => ["train.arrived", "train.cleaned"].contains(&value),
                "listener" => ["signals", "announces", "rests"]
                    .map(|name| format!("{module}::{name}"))
                    .contains(&value.to_owned()),
                "role" => ["gate", "observer"].contains(&value),
                "verb" => ["emit", "emit_async", "retry_failed", "cascade"].contains(&value),
                "reason" => value == "shut_down",
                "fate" => ["delivered", "failed", "cancelled"].contains(&value),
                "outcome" => ["succeeded", "failed", "panicked"].contains(&value),
                "end" => value == "done",
                _ => false,
            };
            assert!(known, "{label}={value} of {name} is no word of a fixed few");
        }
    }
    let count = |key: &str| read.get(key).copied().unwrap_or_default();
    assert_eq!(count("emissions_emitted_total{event=train.arrived,verb=emit_async}"), 5);
    assert_eq!(count("emissions_emitted_total{event=train.arrived,verb=retry_failed}"), 1);
    assert_eq!(count("emissions_emitted_total{event=train.arrived,verb=emit}"), 1);
    assert_eq!(count("emissions_refused_total{event=train.arrived,reason=shut_down}"), 1);
    assert_eq!(count("emissions_settled_total{event=train.arrived,fate=delivered}"), 4);
    assert_eq!(count("emissions_settled_total{event=train.arrived,fate=failed}"), 3);
    assert_eq!(count("emissions_settled_total{event=train.cleaned,fate=cancelled}"), 1);
    assert_eq!(count(&format!("emissions_retries_total{{event=train.arrived,listener={module}::signals}}")), 3);
    assert_eq!(count(&format!("emissions_detached_total{{listener={module}::signals,end=done}}")), 10);
    assert_eq!(count("emissions_subscription_missed_total{event=train.arrived}"), 2, "of three, one was kept");
    let histogram = "emissions_listener_duration_seconds";
    assert_eq!(
        count(&format!("{histogram}{{event=train.arrived,listener={module}::signals,role=gate,outcome=succeeded}}")),
        4
    );
}

/// Events that end as their text says.
#[event(name = "cargo.moved")]
struct CargoMoved {
    /// How the railway fares with it.
    cargo_fate: String,
}

#[derive(Clone, Default)]
struct Railway {
    strike: Arc<std::sync::atomic::AtomicBool>,
}

impl Adapter for Railway {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        let settle = |event: &RawEnvelope| match event.decode::<CargoMoved>().unwrap().payload.cargo_fate.as_str() {
            _ if self.strike.load(SeqCst) => Settlement::retry("there is a strike"),
            "is refused" => Settlement::refused("no such station"),
            "fails" => Settlement::retry("no engine"),
            "panics" => panic!("derailed"),
            _ => Settlement::Acked,
        };
        if batch.iter().any(|event| event.decode::<CargoMoved>().unwrap().payload.cargo_fate == "hangs") {
            std::future::pending::<()>().await;
        }
        batch.iter().map(settle).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn adapters_have_numbers_by_name_and_every_drop_has_its_reason() {
    let numbers = Numbers::default();
    let _guard = metrics::set_default_local_recorder(&numbers);
    let railway = Railway::default();
    let options = AdapterOptions::default()
        .capacity(3, 1 << 20)
        .overflow(Overflow::ShedNewest)
        .batch(2, 1 << 20)
        .retry(2, Duration::from_millis(1), Duration::from_millis(1))
        .timeout(Duration::from_secs(1))
        .breaker(3, Duration::from_mins(1));
    let emissions = only(module_path!())
        .adapter_with("railway", railway.clone(), options)
        .route("cargo.*", "railway")
        .dead_letters(MemoryDeadLetters::new(3))
        .start()
        .await
        .unwrap();
    let moved = |fate: &str| CargoMoved { cargo_fate: fate.into() };
    let read = |name: &str, labels: &str| {
        let labels = if labels.is_empty() { String::new() } else { format!(",{labels}") };
        numbers.read().get(&format!("emissions_adapter_{name}{{adapter=railway{labels}}}")).copied().unwrap_or_default()
    };
    let quiet = async |emissions: &Emissions| {
        while emissions.adapter_counters("railway").unwrap().in_flight > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(numbers.read().contains_key("emissions_adapter_circuit_open{adapter=railway}"), "before anything happens");

    // The queue is full with three, so a fourth is shed; a batch of two is settled in part.
    let bytes = |fate: &str| serde_json::to_vec(&moved(fate)).unwrap().len() as u64;
    for fate in ["arrives", "is refused", "arrives", "is late"] {
        let _ = emissions.emit(moved(fate)).unwrap();
    }
    assert_eq!((read("queue_events", ""), read("queue_bytes", "")), (3, 2 * bytes("arrives") + bytes("is refused")));
    quiet(&emissions).await;
    assert_eq!((read("settled_total", "fate=acked"), read("settled_total", "fate=parked")), (2, 1));
    assert_eq!(read("settled_total", "fate=shed"), 1);
    for outcome in ["partial", "acked"] {
        assert_eq!(read("call_duration_seconds", &format!("outcome={outcome}")), 1, "{outcome}");
    }
    for fate in ["fails", "panics", "hangs"] {
        let _ = emissions.emit(moved(fate)).unwrap();
        quiet(&emissions).await;
        let _ = emissions.emit(moved("arrives")).unwrap();
        quiet(&emissions).await;
    }
    assert_eq!(read("retries_total", ""), 3);
    assert_eq!((read("settled_total", "fate=parked"), read("settled_total", "fate=unparked")), (3, 1));
    for outcome in ["failed", "panicked", "timed_out"] {
        assert_eq!(read("call_duration_seconds", &format!("outcome={outcome}")), 2, "{outcome}");
    }
    drop(emissions.emit_async(moved("is forgotten")));
    let mut cut_short = Box::pin(emissions.emit_async(moved("is forgotten")));
    assert!(futures::poll!(&mut cut_short).is_pending());
    drop(cut_short);
    assert!(emissions.emit_async(moved("is refused")).await.is_err());
    quiet(&emissions).await;
    assert_eq!((read("settled_total", "fate=cancelled"), read("settled_total", "fate=returned")), (1, 1));

    railway.strike.store(true, SeqCst);
    for _ in 0..3 {
        let _ = emissions.emit(moved("waits")).unwrap();
    }
    while read("circuit_open", "") == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    railway.strike.store(false, SeqCst);
    quiet(&emissions).await;
    assert_eq!((read("circuit_open", ""), read("queue_events", ""), read("queue_bytes", "")), (0, 0, 0));

    railway.strike.store(true, SeqCst);
    let _ = emissions.emit(moved("is cut off")).unwrap();
    let buffer = emissions.start();
    buffer.emit(moved("is discarded")).unwrap();
    buffer.terminate();
    drop(emissions.start().emit(moved("is forgotten")));
    let _ = emissions.shutdown(Duration::ZERO).await;

    // The law, in numbers: everything that was handed over is settled, with a fate, and no queue holds anything.
    let counters = emissions.adapter_counters("railway").unwrap();
    let fates = ["acked", "parked", "returned", "shed", "cancelled", "unparked", "shutdown"];
    let settled: Vec<u64> = fates.map(|fate| read("settled_total", &format!("fate={fate}"))).into();
    let [acked, parked, returned, shed, cancelled, unparked, shutdown] = settled[..] else { panic!() };
    assert_eq!((acked, parked, returned), (counters.acked, counters.parked, counters.returned));
    assert_eq!((shed, cancelled), (counters.dropped_shed, counters.dropped_cancelled));
    assert_eq!((unparked, shutdown), (counters.dropped_unparked, counters.dropped_shutdown));
    assert_eq!(read("handed_over_total", ""), settled.iter().sum::<u64>());
    assert_eq!((read("queue_events", ""), read("queue_bytes", "")), (0, 0));

    let all = numbers.read();
    assert_eq!(all.get("emissions_discarded_total{event=cargo.moved,reason=terminated}"), Some(&1));
    assert_eq!(all.get("emissions_discarded_total{event=cargo.moved,reason=abandoned}"), Some(&1));
    let page = include_str!("../../emissions/src/docs/telemetry.md");
    for key in all.keys() {
        let (name, labels) = key.trim_end_matches('}').split_once('{').unwrap();
        assert!(page.contains(&format!("`{name}`")), "{name} is not on the page");
        for (label, value) in labels.split(',').filter_map(|label| label.split_once('=')) {
            let on_the_page = ["event", "adapter", "listener"].contains(&label) || page.contains(&format!("`{value}`"));
            assert!(on_the_page, "{label}={value} of {name} is no word of a fixed few");
        }
    }
}
