//! Size, alignment, `Send`, `Sync` and `Unpin` of the futures.

use std::marker::PhantomData;

use emissions::{Ctx, event};

use crate::prelude::*;

use events::{OrderPlaced, Shipped};

#[expect(unreachable_pub, reason = "written for the corpus")]
mod events {
    use super::{Ev, Kind, event};
    include!(concat!(env!("OUT_DIR"), "/events.rs"));
}

#[allow(warnings, clippy::all, clippy::pedantic)]
mod corpus {
    pub(super) mod plain {
        use super::super::*;
        include!(concat!(env!("OUT_DIR"), "/plain.rs"));
    }
    pub(super) mod checked {
        use super::super::*;
        include!(concat!(env!("OUT_DIR"), "/checked.rs"));
    }
}

twice! {
    async fn keeps_what_is_not_send(id: u64) -> Res {
        let shared = std::rc::Rc::new(id);
        let work = save(*shared);
        notify(id).await?;
        drop(shared);
        work.await
    }
    async fn keeps_a_guard_away_from_an_await(id: u64) -> Res {
        let shared = StdMutex::new(vec![id]);
        {
            let rc = std::rc::Rc::new(1);
            let guard = shared.lock().map_err(|_| "poisoned")?;
            let _seen = guard.len() + *rc;
            drop(guard);
        }
        let _ = shared.lock().map_err(|_| "poisoned")?.pop();
        save(id).await
    }
}

/// What is to be the same.
#[derive(Debug, PartialEq)]
struct Layout {
    size: usize,
    align: usize,
    send: bool,
    sync: bool,
    unpin: bool,
}

/// Asks a type that has no name for its auto traits: an inherent method where the bound holds, one of
/// [`Otherwise`] where it does not.
struct Asked<T>(PhantomData<T>);

trait Otherwise {
    fn is_send(&self) -> bool {
        false
    }
    fn is_sync(&self) -> bool {
        false
    }
    fn is_unpin(&self) -> bool {
        false
    }
}

impl<T> Otherwise for Asked<T> {}

#[expect(clippy::unused_self, reason = "to be found before those of the trait")]
impl<T: Send> Asked<T> {
    fn is_send(&self) -> bool {
        true
    }
}

#[expect(clippy::unused_self, reason = "to be found before those of the trait")]
impl<T: Sync> Asked<T> {
    fn is_sync(&self) -> bool {
        true
    }
}

// No async fn is.
#[expect(clippy::unused_self, dead_code, reason = "to be found before those of the trait")]
impl<T: Unpin> Asked<T> {
    fn is_unpin(&self) -> bool {
        true
    }
}

macro_rules! layout {
    ($function:path) => {{
        let asked = asked(&$function);
        Layout {
            size: asked.size(),
            align: asked.align(),
            send: asked.is_send(),
            sync: asked.is_sync(),
            unpin: asked.is_unpin(),
        }
    }};
}

/// The type of the future a function returns, without calling it.
trait Returns<Arguments> {
    type Future;
}

impl<'a, F: Fn(&'a OrderPlaced, &'a App, &'a Ctx) -> T, T> Returns<(&'a OrderPlaced, &'a App, &'a Ctx)> for F {
    type Future = T;
}

impl<F: Fn(u64) -> T, T> Returns<u64> for F {
    type Future = T;
}

fn asked<Arguments, F: Returns<Arguments>>(_: &F) -> Asked<F::Future> {
    Asked(PhantomData)
}

impl<T> Asked<T> {
    #[expect(clippy::unused_self, reason = "for the type")]
    fn size(&self) -> usize {
        size_of::<T>()
    }
    #[expect(clippy::unused_self, reason = "for the type")]
    fn align(&self) -> usize {
        align_of::<T>()
    }
}

macro_rules! every {
    ($($name:ident)*) => {
        fn every() -> Vec<(&'static str, Layout, Layout)> {
            vec![$((stringify!($name), layout!(corpus::plain::$name), layout!(corpus::checked::$name))),*]
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/names.rs"));

/// A matched await is a value of its own under a probe, which lets the compiler lay out a later await over it: what
/// differs is the size, and it is smaller.
const SMALLER: &[&str] = &["b765"];

#[test]
fn futures_are_the_same_with_the_lint_and_without() {
    let every = every();
    assert!(every.len() > 200, "only {}", every.len());
    let same = |name: &str, plain: &Layout, checked: &Layout| {
        if SMALLER.contains(&name) {
            return checked.size < plain.size && *plain == Layout { size: plain.size, ..*checked };
        }
        plain == checked
    };
    let different: Vec<_> = every.iter().filter(|(name, plain, checked)| !same(name, plain, checked)).collect();
    assert!(different.is_empty(), "{different:#?}");
    assert!(every.iter().all(|(_, plain, _)| plain.send && plain.size > 0));
    assert!(every.iter().any(|(_, plain, _)| plain.sync) && every.iter().any(|(_, plain, _)| !plain.sync));
}

#[test]
fn what_keeps_a_future_from_being_send_is_the_same() {
    let (plain, checked) = (layout!(plain::keeps_what_is_not_send), layout!(checked::keeps_what_is_not_send));
    assert!(!plain.send && !plain.unpin);
    assert_eq!(plain, checked);
    let plain = layout!(plain::keeps_a_guard_away_from_an_await);
    assert!(plain.send);
    assert_eq!(plain, layout!(checked::keeps_a_guard_away_from_an_await));
}
