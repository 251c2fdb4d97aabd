//! Order of drops: values, temporaries, the tail.

use std::cell::RefCell;

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

type Log<'a> = &'a RefCell<Vec<&'static str>>;

twice! {
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

#[tokio::test]
async fn values_are_dropped_in_the_same_order() {
    let (plain, checked) = (RefCell::default(), RefCell::default());
    let (first, second) = (plain::drops_in_order(&plain).await, checked::drops_in_order(&checked).await);
    assert_eq!(first, second);
    assert!(plain.borrow().len() > 15);
    assert_eq!(*plain.borrow(), *checked.borrow());
}
