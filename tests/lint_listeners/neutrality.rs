//! The lint changes nothing at run time: size, auto traits and order of drops are those of the plain function.

use std::{cell::RefCell, future::Future, rc::Rc, sync::Mutex};

use crate::stubs::{Done, price};

/// Notes when it is dropped.
struct Note<'a>(&'static str, &'a RefCell<Vec<&'static str>>);

impl Drop for Note<'_> {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

fn note<'a>(name: &'static str, log: &'a RefCell<Vec<&'static str>>) -> Note<'a> {
    Note(name, log)
}

impl<'a> Note<'a> {
    fn then(&self, name: &'static str) -> Note<'a> {
        Note(name, self.1)
    }
    fn len(&self) -> usize {
        self.0.len()
    }
}

/// The same function with the lint and without.
macro_rules! twice {
    ($(async fn $name:ident($($argument:ident: $type:ty),*) -> $output:ty $body:block)*) => {
        mod plain {
            use super::*;
            $(#[allow(clippy::all, clippy::pedantic)] pub(super) async fn $name($($argument: $type),*) -> $output $body)*
        }
        mod checked {
            use super::*;
            $(#[emissions::audited] #[allow(clippy::all, clippy::pedantic)] pub(super) async fn $name($($argument: $type),*) -> $output $body)*
        }
    };
}

type Log<'a> = &'a RefCell<Vec<&'static str>>;

twice! {
    async fn awaits_in_turn(id: u64) -> Done<i64> {
        let work = price(id);
        let other = [1_u8; 100];
        let first = work.await?;
        let numbers: Vec<u64> = (0..id).collect();
        for number in &numbers {
            price(*number).await?;
        }
        Ok(first + i64::from(other[3]))
    }
    async fn keeps_a_guard_away_from_an_await(id: u64) -> Done<i64> {
        let shared = Mutex::new(vec![id]);
        {
            let rc = Rc::new(1);
            let guard = shared.lock().map_err(|_| "poisoned")?;
            let _seen = guard.len() + *rc;
            drop(guard);
        }
        let _ = shared.lock().map_err(|_| "poisoned")?.pop();
        price(id).await
    }
    async fn drops_in_order(log: Log<'_>) -> usize {
        let first = note("first", log);
        let (second, _) = (note("second", log), note("thrown away", log));
        let _ = note("wildcard", log);
        note("statement", log);
        note("base of a statement", log).then("statement with a temporary");
        _ = note("base of an assignment", log).then("assigned to nothing");
        let _third = note("third", log);
        if let Note("given", _) = note("matched", log) {
            note("never", log);
        }
        match note("scrutinee", log).then("matched temporary").len() {
            0 => {}
            _ => drop(note("in an arm", log)),
        }
        [1].iter().for_each(|_| { note("in a closure", log); });
        for _ in [note("one item", log), note("another item", log)] {
            note("in a loop", log);
        }
        std::future::ready(()).await;
        drop(second);
        first.then("in the tail").len()
    }
}

fn size<F: Future>(future: &F) -> usize {
    size_of_val(future)
}

#[test]
fn futures_have_the_same_size() {
    assert_eq!(size(&plain::awaits_in_turn(1)), size(&checked::awaits_in_turn(1)));
    assert_eq!(size(&plain::keeps_a_guard_away_from_an_await(1)), size(&checked::keeps_a_guard_away_from_an_await(1)));
    let log = RefCell::default();
    assert_eq!(size(&plain::drops_in_order(&log)), size(&checked::drops_in_order(&log)));
}

#[test]
fn futures_have_the_same_auto_traits() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    drop(is_send(plain::keeps_a_guard_away_from_an_await(1)));
    drop(is_send(checked::keeps_a_guard_away_from_an_await(1)));
    drop(is_send(checked::awaits_in_turn(1)));
}

#[tokio::test]
async fn values_are_dropped_in_the_same_order() {
    let (plain, checked) = (RefCell::default(), RefCell::default());
    let (first, second) = (plain::drops_in_order(&plain).await, checked::drops_in_order(&checked).await);
    assert_eq!(first, second);
    assert!(plain.borrow().len() > 15);
    assert_eq!(*plain.borrow(), *checked.borrow());
}
