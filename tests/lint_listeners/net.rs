//! What a macro cannot see, and the net below it: one test per class.

use std::{future::pending, sync::PoisonError};

use emissions::{audited, testing::assert_no_detached_work};
use tokio::task::JoinHandle;

type Done = Result<(), std::io::Error>;

async fn work() -> Done {
    pending().await
}

#[test]
fn work_that_is_joined_leaves_nothing() {
    #[audited]
    async fn joins() -> u64 {
        let task = tokio::spawn(async { 7 });
        task.await.unwrap_or_default()
    }
    assert_eq!(assert_no_detached_work(joins()), 7);
}

#[test]
#[should_panic(expected = "1 task is still alive")]
fn a_callee_that_spawns_and_forgets() {
    fn callee() {
        tokio::spawn(work());
    }
    #[audited]
    async fn calls() {
        callee();
    }
    assert_no_detached_work(calls());
}

#[test]
#[should_panic(expected = "1 task is still alive")]
fn a_callee_that_drops_what_it_is_given() {
    struct Sink;
    impl Sink {
        #[expect(clippy::unused_self, reason = "a method takes things over, as far as anybody can see")]
        fn accept<T>(&self, _: T) {}
    }
    #[audited]
    async fn hands_over() {
        let task = tokio::spawn(work());
        Sink.accept(task);
    }
    assert_no_detached_work(hands_over());
}

#[test]
#[should_panic(expected = "1 task is still alive")]
fn a_type_that_hides_a_handle() {
    struct Job {
        _handle: JoinHandle<Done>,
    }
    fn start() -> Job {
        Job { _handle: tokio::spawn(work()) }
    }
    #[audited]
    async fn starts() {
        let _job = start();
    }
    assert_no_detached_work(starts());
}

#[test]
#[should_panic(expected = "1 task is still alive")]
fn a_type_that_is_erased() {
    fn start() -> Box<dyn std::any::Any + Send> {
        Box::new(tokio::spawn(work()))
    }
    #[audited]
    async fn starts() {
        let _job = start();
    }
    assert_no_detached_work(starts());
}

#[test]
#[should_panic(expected = "1 task is still alive")]
fn a_macro_that_hides_a_spawn() {
    macro_rules! begin {
        () => {{
            tokio::spawn(work());
            1
        }};
    }
    #[audited]
    async fn begins() -> u64 {
        begin!()
    }
    assert_no_detached_work(begins());
}

#[test]
#[should_panic(expected = "1 task is still alive")]
fn a_handle_parked_in_a_field_that_lives_on() {
    struct Service {
        running: std::sync::Mutex<Vec<JoinHandle<Done>>>,
    }
    #[audited]
    async fn parks(service: &Service) {
        let task = tokio::spawn(work());
        service.running.lock().unwrap_or_else(PoisonError::into_inner).push(task);
    }
    let service = Service { running: std::sync::Mutex::default() };
    assert_no_detached_work(parks(&service));
}

#[test]
#[should_panic(expected = "2 tasks are still alive")]
fn a_generic_value_that_happens_to_be_a_task() {
    #[audited]
    async fn keeps<T: Send>(value: T, other: T) {
        let _kept = (value, other);
    }
    assert_no_detached_work(async {
        keeps(tokio::spawn(work()), tokio::spawn(work())).await;
    });
}
