//! What the walk has found out about each local becomes a probe: the type decides.

use proc_macro2::Span;

use super::{Event, Local, Parts, Walker};
use crate::lint::{
    report::{Feed, SlotId, Verdict, Via},
    rules::{
        aborted_task::ABORTED_TASK,
        detached_task::{DETACHED_TASK, DETACHED_THREAD},
        discarded_work::{DISCARDED_FUTURE, DISCARDED_SIGNAL},
        escaping_path::{ESCAPING_HALF, ESCAPING_PATH, PARTLY_AWAITED},
        forgotten_work::{FORGOTTEN_FUTURE, FORGOTTEN_TASK, FORGOTTEN_THREAD},
        opaque_macro::OPAQUE_MACRO,
        overwritten_work::OVERWRITTEN_WORK,
        question_mark_before_join::QUESTION_MARK_BEFORE_JOIN,
        raced_handle::RACED_HANDLE,
        undrained_group::{CUT_SHORT, HALF_DRAINED, UNDRAINED_GROUP},
    },
};

const FORGOTTEN: &[&Verdict] = &[&FORGOTTEN_FUTURE, &FORGOTTEN_TASK, &FORGOTTEN_THREAD, &UNDRAINED_GROUP];
const ABORTED: &[&Verdict] = &[&FORGOTTEN_FUTURE, &ABORTED_TASK, &FORGOTTEN_THREAD, &UNDRAINED_GROUP];
const DROPPED: &[&Verdict] = &[&DISCARDED_FUTURE, &DETACHED_TASK, &DETACHED_THREAD, &UNDRAINED_GROUP];
/// Losers of a race: what is lazy has been cancelled.
const LOST: &[&Verdict] = &[&RACED_HANDLE];
const PARTLY: &[&Verdict] = &[&PARTLY_AWAITED, &UNDRAINED_GROUP];
const HALF: &[&Verdict] = &[&PARTLY_AWAITED, &HALF_DRAINED];

/// What is asked of a local, and where the answer is shown.
type Question = (&'static [&'static Verdict], (Span, Span));

impl Walker<'_> {
    pub(super) fn finish(&mut self) {
        let mut questions: Vec<(usize, Vec<Question>)> = Vec::new();
        for (index, local) in self.locals.iter().enumerate() {
            let asked = questions_of(local);
            if asked.is_empty() {
                continue;
            }
            questions.push((index, asked));
            // A closure that is never called: what it has taken over is what is lost.
            if !local.consumed {
                for carried in &local.init.carries {
                    let ident = self.locals[*carried].ident.span();
                    let settled = !questions_of(&self.locals[*carried]).is_empty();
                    if !settled {
                        questions.push((*carried, vec![(FORGOTTEN, (ident, ident))]));
                    }
                }
            }
        }
        for (index, asked) in questions {
            for (verdicts, span) in asked {
                for (slot, via) in self.slots_of(index) {
                    self.probe(slot, via, verdicts, span);
                }
            }
        }
    }

    /// Where the type of a local, or of what is in it, is learnt.
    fn slots_of(&mut self, index: usize) -> Vec<(SlotId, Via)> {
        let Local { ident, anchor, init, lent, .. } = &self.locals[index];
        let (ident, anchor, init, lent) = (ident.clone(), *anchor, init.clone(), *lent);
        let via = |walker: &mut Self| match init.spawner.clone() {
            Some(spawner) => Via::SpawnedBy(walker.slot(anchor, Feed::Place(spawner))),
            None if lent => Via::Lent,
            None => Via::Whole,
        };
        if let Some(left) = init.left {
            return match left.parts {
                Parts::Named(pattern, names) => {
                    let slot = self.slot(anchor, Feed::Place(quote::quote!(#ident)));
                    vec![(slot, Via::Parts { pattern, names })]
                }
                Parts::Between(front, back) => {
                    let slot = self.slot(anchor, Feed::Place(quote::quote!(#ident)));
                    vec![(slot, Via::Rest { front, back })]
                }
                Parts::Fields(fields) => fields
                    .iter()
                    .map(|field| (self.slot(anchor, Feed::Place(quote::quote!(#ident.#field))), Via::Whole))
                    .collect(),
            };
        }
        if init.pinned {
            return vec![(self.slot(anchor, Feed::Pinned(ident)), Via::Whole)];
        }
        let named = init.fields.iter().any(|field| matches!(field, syn::Member::Named(_)));
        if named {
            return init
                .fields
                .iter()
                .map(|field| (self.slot(anchor, Feed::Place(quote::quote!(#ident.#field))), Via::Whole))
                .collect();
        }
        if let Some((constructor, fields)) = init.constructor.clone() {
            let mut slots: Vec<_> = (0..fields)
                .map(|field| {
                    let feed = Feed::Part { local: ident.clone(), constructor: constructor.clone(), field, fields };
                    (self.slot(anchor, feed), Via::Whole)
                })
                .collect();
            let whole = quote::quote!(#ident);
            slots.push((self.slot(anchor, Feed::Place(whole)), Via::Whole));
            return slots;
        }
        let via = via(self);
        let slot = self.slot(anchor, Feed::Place(quote::quote!(#ident)));
        let losers = init.raced.then_some((slot, Via::Losers));
        std::iter::once((slot, via)).chain(losers).collect()
    }
}

fn questions_of(local: &Local) -> Vec<Question> {
    if !local.init.tracked || local.init.polymorphic && local.in_tail {
        return Vec::new();
    }
    let here = local.init.left.as_ref().map_or((local.ident.span(), local.ident.span()), |left| left.span);
    // What a race has cancelled is for a verdict of its own.
    let seen = |lost: bool| {
        local
            .events
            .iter()
            .filter(move |seen| !(seen.maybe && local.resumed) && seen.lost == lost)
            .map(|seen| &seen.event)
    };
    let find = |pick: fn(&Event) -> Option<(Span, Span)>| seen(false).find_map(pick);
    let dropped = find(|event| match event {
        Event::Dropped(from, to) => Some((*from, *to)),
        _ => None,
    });
    let opaque = find(|event| match event {
        Event::Opaque(from, to) => Some((*from, *to)),
        _ => None,
    });
    let replaced = find(|event| match event {
        Event::Replaced(from, to) => Some((*from, *to)),
        _ => None,
    });
    let left = find(|event| match event {
        Event::Left(from, to) => Some((*from, *to)),
        _ => None,
    });
    let ended = seen(false).any(|event| matches!(event, Event::Ended));
    // Whether nothing of it has been read on one of these ways.
    let whole = local
        .events
        .iter()
        .any(|seen| !seen.read && !seen.lost && matches!(seen.event, Event::Ended | Event::Left(..)));
    let lost = seen(true).any(|event| !matches!(event, Event::Waved(..) | Event::Question(..)));
    let primary: Option<Question> = if local.init.raced {
        dropped.or(replaced).or(left).or(ended.then_some(here)).map(|_| (LOST, here))
    } else if let Some(span) = dropped {
        Some((DROPPED, span))
    } else if let Some(span) = opaque {
        Some((&[&OPAQUE_MACRO], span))
    } else if let Some(span) = replaced {
        Some((&[&OVERWRITTEN_WORK], span))
    } else if !local.consumed && (left.is_some() || ended) {
        Some((if local.aborted { ABORTED } else { FORGOTTEN }, here))
    } else if let Some(span) = left {
        Some((if whole { &[&ESCAPING_PATH] } else { &[&ESCAPING_HALF] }, span))
    } else if ended {
        Some((
            if local.aborted {
                ABORTED
            } else if whole {
                PARTLY
            } else {
                HALF
            },
            here,
        ))
    } else if lost {
        Some((LOST, here))
    } else {
        None
    };
    let primary = primary.filter(|_| !local.init.signal);
    let mut questions: Vec<Question> = primary.into_iter().collect();
    let asks_again = questions.is_empty() || local.events.iter().any(|seen| matches!(seen.event, Event::Waved(..)));
    if asks_again {
        for (verdicts, pick) in [
            (
                &[&RACED_HANDLE] as &'static [&'static Verdict],
                (|event: &Event| match event {
                    Event::Raced(from, to) => Some((*from, *to)),
                    _ => None,
                }) as fn(&Event) -> Option<(Span, Span)>,
            ),
            (&[&DISCARDED_SIGNAL], |event| match event {
                Event::Waved(from, to) => Some((*from, *to)),
                _ => None,
            }),
            (&[&CUT_SHORT], |event| match event {
                Event::Cut(from, to) => Some((*from, *to)),
                _ => None,
            }),
            (&[&QUESTION_MARK_BEFORE_JOIN], |event| match event {
                Event::Question(from, to) => Some((*from, *to)),
                _ => None,
            }),
        ] {
            let found = local.events.iter().find_map(|seen| pick(&seen.event));
            questions.extend(found.map(|span| (verdicts, span)));
        }
    }
    questions
}
