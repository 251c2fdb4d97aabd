//! Six faults of the library that the idea of buffers comes from, each as one statement that is put
//! to a model of it, where it does not hold, and to this library, where it does.
//!
//! A statement is written once, over a trait that both implement; it says what was wrong instead of
//! panicking, so that the test can show both.

mod model;

use std::{
    collections::BTreeSet,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use emissions::{
    Adapter, AdapterOptions, Capabilities, Delivery, Emissions, RawEnvelope, event, tower::EmissionsLayer,
};
use http::{Request, Response, StatusCode};
use tokio::{task::JoinSet, time::sleep};
use tower::{Layer, ServiceExt, service_fn};

use self::model::{MaxDemand, Original};
use crate::support::{Refused, only};

/// A number was drawn.
#[event(name = "number.drawn")]
struct NumberDrawn {
    /// Number that was drawn.
    drawn_number: u64,
}

/// Where events go: one adapter, for either library.
#[derive(Clone, Default)]
struct Destination {
    /// What it takes per event.
    per_event: Duration,
    /// How many of its first calls fail.
    failures: Arc<Mutex<Failures>>,
    taken: Arc<Mutex<Vec<u64>>>,
    /// What must be visible when an event arrives.
    table: Option<Table>,
    /// Events that arrived before their row was visible.
    early: Arc<Mutex<Vec<u64>>>,
}

#[derive(Clone, Copy, Default)]
enum Failures {
    #[default]
    None,
    FirstCallErrs,
    FirstCallPanics,
}

impl Destination {
    fn slow(per_event: Duration) -> Self {
        Self { per_event, ..Self::default() }
    }

    fn failing(failures: Failures) -> Self {
        Self { failures: Arc::new(Mutex::new(failures)), ..Self::default() }
    }

    fn looking_at(table: &Table) -> Self {
        Self { table: Some(table.clone()), ..Self::default() }
    }

    fn taken(&self) -> Vec<u64> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn take(&self, batch: &[u64]) -> Result<(), &'static str> {
        let failures = std::mem::take(&mut *self.failures.lock().unwrap_or_else(PoisonError::into_inner));
        match failures {
            Failures::None => {}
            Failures::FirstCallErrs => return Err("the other side is restarting"),
            Failures::FirstCallPanics => panic!("the adapter crashes"),
        }
        for &number in batch {
            sleep(self.per_event).await;
            if self.table.as_ref().is_some_and(|table| !table.shows(number)) {
                self.early.lock().unwrap_or_else(PoisonError::into_inner).push(number);
            }
            self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(number);
        }
        Ok(())
    }
}

impl Adapter for Destination {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default().ordered()
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        let number = |event: &RawEnvelope| event.decode::<NumberDrawn>().expect("it is one").payload.drawn_number;
        let numbers: Vec<u64> = batch.iter().map(number).collect();
        match self.take(&numbers).await {
            Ok(()) => Delivery::acked(batch),
            Err(error) => Delivery::retry(batch, error),
        }
    }
}

/// Both libraries, as far as the statements need them.
trait Library: Clone + Send + Sync + 'static {
    /// One unit of work: everything is emitted, and committed at its end.
    fn unit_of_work(&self, numbers: Vec<u64>) -> impl Future<Output = ()> + Send;

    /// How many events the library holds in memory that no adapter has.
    fn held_in_memory(&self) -> usize;

    /// How many events it keeps for somebody to look at, and to send again.
    fn kept_for_later(&self) -> impl Future<Output = usize> + Send;

    /// A request: its handler emits a number, and answers with this status.
    fn request(&self, number: u64, status: u16) -> impl Future<Output = ()> + Send;
}

impl Library for Original {
    async fn unit_of_work(&self, numbers: Vec<u64>) {
        let mut buffer = self.start_buffer();
        numbers.into_iter().for_each(|number| buffer.emit(number));
        buffer.commit();
    }

    fn held_in_memory(&self) -> usize {
        self.waiting()
    }

    async fn kept_for_later(&self) -> usize {
        0
    }

    async fn request(&self, number: u64, status: u16) {
        let mut buffer = self.start_buffer();
        buffer.emit(number);
        buffer.before_send(status);
    }
}

impl Library for Emissions {
    async fn unit_of_work(&self, numbers: Vec<u64>) {
        let buffer = self.start();
        for drawn_number in numbers {
            buffer.emit(NumberDrawn { drawn_number }).expect("there is room in the buffer");
        }
        buffer.commit().await.expect("nobody shuts it down");
    }

    fn held_in_memory(&self) -> usize {
        let held = |name| self.adapter_counters(name).map_or(0, |counters| counters.in_flight);
        usize::try_from(held("first").max(held("second"))).expect("so few")
    }

    async fn kept_for_later(&self) -> usize {
        self.dead_letters().list().await.expect("it is in memory").len()
    }

    async fn request(&self, number: u64, status: u16) {
        let handler = service_fn(move |_: Request<String>| async move {
            emissions::emit(NumberDrawn { drawn_number: number }).expect("the layer has opened a buffer");
            let mut response = Response::new(String::new());
            *response.status_mut() = StatusCode::from_u16(status).expect("a status");
            Ok::<_, Infallible>(response)
        });
        let service = EmissionsLayer::new(self.clone()).layer(handler);
        assert_eq!(service.oneshot(Request::new(String::new())).await.unwrap().status(), status);
    }
}

/// How many events a queue holds here.
const CAPACITY: usize = 1000;

async fn ours(destinations: &[Destination]) -> Emissions {
    let options = AdapterOptions::default().capacity(CAPACITY, 1 << 20).batch(10, 1 << 20);
    let mut builder = only(module_path!());
    for (destination, name) in destinations.iter().zip(["first", "second"]) {
        builder = builder.adapter_with(name, destination.clone(), options).route("number.*", name);
    }
    builder.start().await.expect("everything is routed")
}

fn original(destinations: &[Destination]) -> Original {
    // Nobody asks for more than a bounded number at a time; the slow one is told to ask for little.
    let demand = |destination: &Destination| MaxDemand(if destination.per_event.is_zero() { 50 } else { 10 });
    Original::start(destinations.iter().map(|destination| (destination.clone(), demand(destination))))
}

/// What a statement says that does not hold.
type Verdict = Result<(), String>;

fn check(holds: bool, fact: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(fact()) }
}

/// The statement must not hold for the model of the original, and must hold here.
fn red_then_green(original: Verdict, ours: Verdict) {
    let fault = original.expect_err("the model of the original has this fault");
    println!("the original: {fault}");
    assert_eq!(ours, Ok(()));
}

/// "A slow adapter does not hold up a fast one": within a second, the fast one has everything.
async fn a_slow_adapter_takes_nothing_from_a_fast_one(library: impl Library, fast: &Destination) -> Verdict {
    library.unit_of_work((0..1000).collect()).await;
    sleep(Duration::from_secs(1)).await;
    let arrived = fast.taken().len();
    check(arrived == 1000, || format!("the fast adapter got {arrived} of 1000 events beside a slow one"))
}

#[tokio::test(start_paused = true)]
async fn a_slow_adapter_starves_a_fast_one() {
    let slow_and_fast = || [Destination::slow(Duration::from_millis(50)), Destination::default()];
    let (theirs, here) = (slow_and_fast(), slow_and_fast());
    red_then_green(
        a_slow_adapter_takes_nothing_from_a_fast_one(original(&theirs), &theirs[1]).await,
        a_slow_adapter_takes_nothing_from_a_fast_one(ours(&here).await, &here[1]).await,
    );
}

/// However much is committed while an adapter stands still, memory is bounded; and nothing is lost.
async fn memory_is_bounded(library: impl Library, adapter: &Destination) -> Verdict {
    let mut units = JoinSet::new();
    for unit in 0..100 {
        let library = library.clone();
        units.spawn(async move { library.unit_of_work((unit * 100..unit * 100 + 100).collect()).await });
    }
    sleep(Duration::from_secs(1)).await;
    let held = library.held_in_memory();
    check(held <= CAPACITY, || format!("{held} events are held in memory, and more would be"))?;
    units.join_all().await;
    sleep(Duration::from_hours(1)).await;
    let arrived: BTreeSet<u64> = adapter.taken().into_iter().collect();
    check(arrived.len() == 10_000, || format!("{} of 10,000 events arrived", arrived.len()))
}

#[tokio::test(start_paused = true)]
async fn a_commit_hands_over_to_unbounded_memory() {
    let standing_still = || [Destination::slow(Duration::from_millis(100))];
    let (theirs, here) = (standing_still(), standing_still());
    red_then_green(
        memory_is_bounded(original(&theirs), &theirs[0]).await,
        memory_is_bounded(ours(&here).await, &here[0]).await,
    );
}

/// Every event is delivered, or kept for later, though the adapter has failed once.
async fn nothing_is_lost(library: impl Library, adapter: &Destination) -> Verdict {
    library.unit_of_work((0..30).collect()).await;
    sleep(Duration::from_mins(5)).await;
    let (arrived, kept) = (adapter.taken().len(), library.kept_for_later().await);
    check(arrived + kept == 30, || format!("of 30 events {arrived} arrived and {kept} are kept"))
}

#[tokio::test(start_paused = true)]
async fn an_error_of_an_adapter_loses_its_batch() {
    let failing = || [Destination::failing(Failures::FirstCallErrs)];
    let (theirs, here) = (failing(), failing());
    let model = original(&theirs);
    red_then_green(
        nothing_is_lost(model.clone(), &theirs[0]).await,
        nothing_is_lost(ours(&here).await, &here[0]).await,
    );
    assert_eq!(model.errors_logged(), 1, "a line in a log is all that is left of the batch");
}

/// A crash of the part that has committed events in its hands loses none of them.
async fn a_crash_loses_nothing<L: Library>(library: L, adapter: &Destination, crash: impl FnOnce(&L)) -> Verdict {
    library.unit_of_work((0..500).collect()).await;
    crash(&library);
    sleep(Duration::from_mins(5)).await;
    let (arrived, kept) = (adapter.taken().len(), library.kept_for_later().await);
    check(arrived + kept == 500, || format!("of 500 events {arrived} arrived and {kept} are kept after a crash"))
}

#[tokio::test(start_paused = true)]
async fn a_crash_behind_the_commit_loses_what_was_committed() {
    let theirs = [Destination::slow(Duration::from_millis(1))];
    // What can crash here is the user's part; what it holds is the worker's, which goes on.
    let here = [Destination::failing(Failures::FirstCallPanics)];
    red_then_green(
        a_crash_loses_nothing(original(&theirs), &theirs[0], Original::crash_of_the_producer).await,
        a_crash_loses_nothing(ours(&here).await, &here[0], |_| {}).await,
    );
}

/// A request that was answered with anything but an error has its events delivered, and no other.
async fn every_success_is_delivered(library: impl Library, adapter: &Destination) -> Verdict {
    let statuses = [200, 201, 204, 301, 302, 303, 307, 308, 400, 404, 422, 500, 503];
    for status in statuses {
        library.request(u64::from(status), status).await;
    }
    sleep(Duration::from_secs(1)).await;
    let arrived: BTreeSet<u64> = adapter.taken().into_iter().collect();
    let expected: BTreeSet<u64> = statuses.into_iter().map(u64::from).filter(|status| *status < 400).collect();
    check(arrived == expected, || {
        let lost: Vec<_> = expected.difference(&arrived).collect();
        format!("the events of requests answered with {lost:?} are gone")
    })
}

#[tokio::test(start_paused = true)]
async fn a_redirect_discards_the_events_of_its_request() {
    let (theirs, here) = ([Destination::default()], [Destination::default()]);
    red_then_green(
        every_success_is_delivered(original(&theirs), &theirs[0]).await,
        every_success_is_delivered(ours(&here).await, &here[0]).await,
    );
}

/// A table whose rows are visible to others once their transaction has committed.
#[derive(Clone, Default)]
struct Table(Arc<Mutex<BTreeSet<u64>>>);

impl Table {
    fn shows(&self, row: u64) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&row)
    }

    /// Runs `work` inside a transaction; its row is visible afterwards, if it succeeds.
    async fn transaction<T, E>(&self, row: u64, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let done = work.await?;
        // A commit is a round trip.
        sleep(Duration::from_millis(5)).await;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(row);
        Ok(done)
    }
}

/// Whoever hears of an order finds it in the database.
async fn nobody_hears_of_what_is_not_there(place_order: impl AsyncFn(u64), adapter: &Destination) -> Verdict {
    for number in 0..10 {
        place_order(number).await;
    }
    sleep(Duration::from_secs(1)).await;
    let early = adapter.early.lock().unwrap_or_else(PoisonError::into_inner).clone();
    check(adapter.taken().len() == 10, || "not every order arrived".to_owned())?;
    check(early.is_empty(), || format!("orders {early:?} were heard of before their rows were visible"))
}

/// The guide of the original commits where the order is created, which is inside the transaction.
/// Here the layer, or the scope, commits when the handler has returned: whatever it awaited is done.
#[tokio::test(start_paused = true)]
async fn a_commit_runs_before_the_commit_of_the_database_is_visible() {
    let (their_table, table, scope_table) = (Table::default(), Table::default(), Table::default());
    let (theirs, here) = ([Destination::looking_at(&their_table)], [Destination::looking_at(&table)]);
    let model = original(&theirs);
    let by_the_guide = async |number| {
        let mut buffer = model.start_buffer();
        let create = async {
            buffer.emit(number);
            buffer.commit();
            tokio::task::yield_now().await;
            Ok::<_, Infallible>(())
        };
        their_table.transaction(number, create).await.unwrap();
    };
    let emissions = ours(&here).await;
    let under_the_layer = async |number| {
        let table = table.clone();
        let handler = service_fn(move |_: Request<String>| {
            let table = table.clone();
            async move {
                let create = async { emissions::emit(NumberDrawn { drawn_number: number }) };
                table.transaction(number, create).await.expect("the layer has opened a buffer");
                Ok::<_, Infallible>(Response::new(String::new()))
            }
        });
        let service = EmissionsLayer::new(emissions.clone()).layer(handler);
        service.oneshot(Request::new(String::new())).await.unwrap();
    };
    red_then_green(
        nobody_hears_of_what_is_not_there(by_the_guide, &theirs[0]).await,
        nobody_hears_of_what_is_not_there(under_the_layer, &here[0]).await,
    );

    let there = [Destination::looking_at(&scope_table)];
    let emissions = ours(&there).await;
    let in_a_scope = async |number| {
        let create = async { emissions::emit(NumberDrawn { drawn_number: number }) };
        emissions.scope(scope_table.transaction(number, create)).await.expect("it is committed");
    };
    assert_eq!(nobody_hears_of_what_is_not_there(in_a_scope, &there[0]).await, Ok(()));

    // A transaction that fails is never heard of, though its events were emitted before it failed.
    let failed = async {
        let _ = emissions::emit(NumberDrawn { drawn_number: 77 }).map_err(|_| Refused("not emitted"))?;
        Err::<(), _>(Refused("the database has gone away"))
    };
    assert!(emissions.scope(scope_table.transaction(77, failed)).await.is_err());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(there[0].taken().len(), 10);
}
