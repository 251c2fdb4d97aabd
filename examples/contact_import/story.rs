//! The two acts, and every claim made about them.

use std::{error::Error, sync::Arc, time::Duration};

use emissions::Emissions;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

use super::{
    account::UserId,
    arguments::OutageKind,
    contacts::Contacts,
    database::Database,
    events::PEOPLE_PER_JOB,
    google_csv::{Contact, Export},
    history::ImportHistory,
    integration::Integrations,
    outage::CuttableQueue,
    queue::{JobQueue, QueueError},
    refresh::{ContactCache, Refresh, RefreshError},
    search::{Hit, SearchIndex},
    timeline::{Timeline, count, grouped, with_sources},
    worker::{self, WorkedOff},
};

/// The account of each act: both live in one database, with the same address book.
const ACT_ONE: UserId = UserId::new(1);
const ACT_TWO: UserId = UserId::new(2);

/// How many jobs get through before the line goes dead for the second time.
const JOBS_BEFORE_THE_CUT: usize = 3;
/// How long a failure behind an `emit` may take to show up.
const PATIENCE: Duration = Duration::from_mins(1);
/// Malformed rows that are printed one by one.
const ROWS_SHOWN: usize = 20;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Tells the story; `true` if every claim held.
///
/// # Errors
/// If a part breaks that the story doesn't break on purpose.
pub(crate) async fn tell(
    timeline: Timeline,
    export: Export,
    database: &Database,
    queue: Arc<CuttableQueue>,
    outage: OutageKind,
) -> Outcome<bool> {
    let history = ImportHistory::new(database.pool.clone());
    let (report_failure, failures) = unbounded_channel();
    let emissions = Emissions::builder()
        .source("/contacts")
        .provide_arc::<dyn JobQueue>(queue.clone())
        .provide(history.clone())
        .on_failure(move |failure| {
            // Nobody is left to tell once the story is over.
            let _ = report_failure.send(format!("{} {}", failure.listener(), failure.outcome()));
        })
        .start()
        .await?;
    let people = people_to_find(&export.contacts);
    let cache = ContactCache {
        contacts: Contacts::new(database.pool.clone()),
        integrations: Integrations::new(database.pool.clone()),
        address_book: Vec::new(),
        emissions,
    };
    let index = SearchIndex::new(database.pool.clone());
    let mut story = Story { timeline, cache, history, index, queue, outage, failures, people };
    story.start_anew().await?;
    story.read(export)?;
    let one = story.act_one().await?;
    let two = story.act_two().await?;
    story.compare(&one, &two)?;
    story.clean_up().await?;
    Ok(story.timeline.conclude()?)
}

/// Three people, if there are so many: the first, the one in the middle, the last. An address without any
/// plain letter or digit may have no word in it that can be searched for.
fn people_to_find(contacts: &[Contact]) -> Vec<Contact> {
    let contacts: Vec<&Contact> =
        contacts.iter().filter(|contact| contact.email.contains(|c: char| c.is_ascii_alphanumeric())).collect();
    let mut places = vec![0, contacts.len() / 2, contacts.len().saturating_sub(1)];
    places.dedup();
    places.into_iter().filter_map(|place| contacts.get(place).copied().cloned()).collect()
}

/// Where an act has led to.
struct Ending {
    contacts: u64,
    worked_off: WorkedOff,
    indexed: u64,
    found: usize,
    stamp: &'static str,
    duplicates: u64,
}

struct Story {
    timeline: Timeline,
    cache: ContactCache,
    history: ImportHistory,
    index: SearchIndex,
    queue: Arc<CuttableQueue>,
    outage: OutageKind,
    failures: UnboundedReceiver<String>,
    people: Vec<Contact>,
}

impl Story {
    /// Forgets what an earlier run left in the same database.
    async fn start_anew(&self) -> Outcome {
        for user in [ACT_ONE, ACT_TWO] {
            self.cache.contacts.forget(user).await?;
            self.index.forget(user).await?;
            self.history.forget(user).await?;
            self.cache.integrations.connect(user).await?;
        }
        match self.queue.clear().await {
            // A server that is stopped has nothing of this run yet.
            Err(QueueError::OutOfReach(_)) => Ok(()),
            cleared => Ok(cleared?),
        }
    }

    fn read(&mut self, export: Export) -> Outcome {
        let Export { contacts, malformed, without_email, repeated } = export;
        let mut parts = vec![count(contacts.len() as u64, "contact", "contacts")];
        for (number, what) in [
            (malformed.len(), "malformed"),
            (without_email, "without an e-mail address"),
            (repeated, "with a repeated address"),
        ] {
            if number > 0 {
                parts.push(format!("{} {what}", grouped(number as u64)));
            }
        }
        self.timeline.text("\n")?;
        self.timeline.step("read", parts.join(", "))?;
        for row in malformed.iter().take(ROWS_SHOWN) {
            self.timeline.step("skipped", row)?;
        }
        if malformed.len() > ROWS_SHOWN {
            self.timeline.step("skipped", format_args!("and {} more", malformed.len() - ROWS_SHOWN))?;
        }
        self.cache.address_book = contacts;
        Ok(())
    }

    fn contacts(&self) -> u64 {
        self.cache.address_book.len() as u64
    }

    fn jobs(&self) -> u64 {
        self.cache.address_book.len().div_ceil(PEOPLE_PER_JOB) as u64
    }

    /// Stamp after a fire-and-forget emit.
    async fn act_one(&mut self) -> Outcome<Ending> {
        let user = ACT_ONE;
        self.timeline.heading("Act one: emit, then stamp")?;
        self.timeline.text("What most services do: the event is fired, and nobody looks back.\n\n")?;

        self.cut(0).await?;
        let first = self.cache.refresh_and_hope(user).await;
        self.tell_of(1, &first)?;
        self.timeline.claim("the caller was told that all is well", matches!(first, Ok(Refresh::Synced)))?;
        self.claim_stored(user).await?;
        let stamped = self.stamped(user).await?;
        self.timeline.claim("the account is stamped as searchable", stamped)?;

        let failure = timeout(PATIENCE, self.failures.recv()).await.ok().flatten();
        let text = failure.as_deref().unwrap_or("nothing");
        self.timeline
            .step("later", format_args!("the failure sink hears what a plain emitter would forget:\n{text}"))?;
        let named = failure.is_some_and(|failure| is_the_outage(&failure));
        self.timeline.claim("the caller never heard of it", named && first.is_ok())?;

        self.mend().await?;
        let waiting = self.queue.waiting().await?;
        self.timeline.claim("no job is on the queue", waiting == 0)?;
        let second = self.cache.refresh_and_hope(user).await;
        self.tell_of(2, &second)?;
        self.timeline
            .claim("the next call trusts the stamp and does nothing", matches!(second, Ok(Refresh::Skipped)))?;

        let worked_off = self.work_off().await?;
        let found = self.search(user).await?;
        let unnoticed = first.is_ok() && second.is_ok();
        self.timeline.claim("search finds nobody, and no call has failed", found == 0 && unnoticed)?;
        self.ending(user, worked_off, found, if stamped { "set by call 1" } else { "empty" }).await
    }

    /// Stamp with a gate.
    async fn act_two(&mut self) -> Outcome<Ending> {
        let user = ACT_TWO;
        self.timeline.heading("Act two: emit, wait for the gate, then stamp")?;
        self.timeline.text("The stamp asks for a gate, and only an emit that every listener took gives one.\n\n")?;

        self.cut(0).await?;
        let first = self.cache.refresh(user).await;
        self.tell_of(1, &first)?;
        self.claim_outage_seen(user, &first).await?;
        self.claim_stored(user).await?;
        let imports = self.history.count(user).await?;
        self.timeline.claim("the other listener, record_import, ran all the same", imports == 1)?;
        self.mend().await?;
        let mut call = 1;

        // A worse one: some jobs get through before the line goes dead. Needs two jobs at least.
        let through = JOBS_BEFORE_THE_CUT.min(usize::try_from(self.jobs())?.saturating_sub(1));
        if through > 0 {
            call += 1;
            self.queue.cut_after(through);
            let jobs = count(through as u64, "job", "jobs");
            self.timeline
                .step("outage", format_args!("the queue takes {jobs}, then refuses connections (injected)"))?;
            let partial = self.cache.refresh(user).await;
            self.tell_of(call, &partial)?;
            self.claim_outage_seen(user, &partial).await?;
            self.mend().await?;
            let waiting = self.queue.waiting().await?;
            self.timeline.claim(
                format_args!("{} of {} got through", grouped(waiting), count(self.jobs(), "job", "jobs")),
                waiting == through as u64,
            )?;
        }

        call += 1;
        let healed = self.cache.refresh(user).await;
        self.tell_of(call, &healed)?;
        let stamped = self.stamped(user).await?;
        self.timeline.claim("the call heals it: the gate opens and the account is stamped", {
            matches!(healed, Ok(Refresh::Synced)) && stamped
        })?;
        let waiting = self.queue.waiting().await?;
        self.timeline.claim(
            format_args!("{} on the queue, none of them twice", count(waiting, "job is", "jobs are")),
            waiting == self.jobs(),
        )?;
        let again = self.cache.refresh(user).await;
        self.tell_of(call + 1, &again)?;
        self.timeline.claim("from now on the stamp is trusted, and rightly", matches!(again, Ok(Refresh::Skipped)))?;

        let worked_off = self.work_off().await?;
        let found = self.search(user).await?;
        let all = self.people.len();
        self.timeline.claim(format_args!("search finds {found} of {all}"), found == all)?;
        let unheard = self.failures.try_recv().is_err();
        self.timeline.claim("every failure went to the caller, none to the failure sink", unheard)?;
        let stamp = match (stamped, call) {
            (false, _) => "empty",
            (true, 2) => "set by call 2",
            (true, _) => "set by call 3",
        };
        self.ending(user, worked_off, found, stamp).await
    }

    /// Takes the queue away: for real if it is gone already or the user wants to stop it.
    async fn cut(&mut self, jobs: usize) -> Outcome {
        if let Err(error) = self.queue.ping().await {
            self.timeline.step("outage", with_sources(&error))?;
        } else if self.outage == OutageKind::Real {
            self.timeline.step("outage", format_args!("waiting for you to stop the queue: {}", self.queue.name()))?;
            let error = self.queue.until_gone().await?;
            self.timeline.step("outage", with_sources(&error))?;
        } else {
            self.queue.cut_after(jobs);
            self.timeline.step("outage", "the queue refuses connections (injected)")?;
        }
        Ok(())
    }

    async fn mend(&mut self) -> Outcome {
        self.queue.mend();
        if self.queue.ping().await.is_err() {
            self.timeline.step("outage", format_args!("waiting for you to start the queue: {}", self.queue.name()))?;
            self.queue.until_back().await?;
        }
        self.timeline.step("outage", "over: the queue can be reached again")?;
        Ok(())
    }

    fn tell_of(&mut self, call: u32, outcome: &Result<Refresh, RefreshError>) -> Outcome {
        let name = format!("call {call}");
        match outcome {
            Ok(Refresh::Synced) => self.timeline.step(&name, "Ok: contacts stored, event emitted, account stamped")?,
            Ok(Refresh::Skipped) => self.timeline.step(&name, "Ok: nothing to do, the account is stamped")?,
            Err(error) => self.timeline.step(&name, format_args!("error: {error}"))?,
        }
        Ok(())
    }

    async fn claim_stored(&mut self, user: UserId) -> Outcome {
        let stored = self.cache.contacts.count(user).await?;
        let text = format!("{} stored", count(stored, "contact is", "contacts are"));
        self.timeline.claim(text, stored == self.contacts())?;
        Ok(())
    }

    async fn claim_outage_seen(&mut self, user: UserId, outcome: &Result<Refresh, RefreshError>) -> Outcome {
        let named = match outcome {
            Err(RefreshError::GateShut(error)) => match error.failures()[..] {
                [failure] => is_the_outage(&failure.to_string()),
                _ => false,
            },
            _ => false,
        };
        self.timeline.claim("the outage is an error that names enqueue_index_jobs", named)?;
        let stamped = self.stamped(user).await?;
        self.timeline.claim("the stamp is empty: without a gate nothing can set it", !stamped)?;
        Ok(())
    }

    async fn stamped(&self, user: UserId) -> Outcome<bool> {
        Ok(self.cache.integrations.contacts_synced_at(user).await?.is_some())
    }

    async fn work_off(&mut self) -> Outcome<WorkedOff> {
        let queue: Arc<dyn JobQueue> = self.queue.clone();
        let worked_off = worker::work_off(&queue, &self.index).await?;
        let (jobs, people) = (count(worked_off.jobs, "job", "jobs"), count(worked_off.people, "person", "people"));
        self.timeline.step("worker", format_args!("{jobs} worked off, {people} indexed"))?;
        Ok(worked_off)
    }

    /// Searches for each person by name, and by address where that doesn't lead to them: not every name has a
    /// word in it that the index knows. Tells how many turned up.
    async fn search(&mut self, user: UserId) -> Outcome<usize> {
        let mut found = 0;
        for person in &self.people {
            let is_it = |hits: &[Hit]| hits.iter().any(|hit| hit.email == person.email);
            let mut words = &person.name;
            let mut hits = self.index.search(user, words).await?;
            if !is_it(&hits) && self.index.count(user).await? > 0 {
                words = &person.email;
                hits = self.index.search(user, words).await?;
            }
            let hit = is_it(&hits);
            found += usize::from(hit);
            let text = match hits.len() {
                0 => "nobody".to_owned(),
                1 if hit => person.email.clone(),
                more if hit => format!("{} and {} more", person.email, grouped(more as u64 - 1)),
                others => format!("{others} others"),
            };
            self.timeline.step("search", format_args!("\"{words}\": {text}"))?;
        }
        Ok(found)
    }

    async fn ending(&self, user: UserId, worked_off: WorkedOff, found: usize, stamp: &'static str) -> Outcome<Ending> {
        let superfluous_jobs = worked_off.jobs.saturating_sub(self.jobs());
        let duplicates =
            self.cache.contacts.duplicates(user).await? + self.index.duplicates(user).await? + superfluous_jobs;
        Ok(Ending {
            contacts: self.cache.contacts.count(user).await?,
            worked_off,
            indexed: self.index.count(user).await?,
            found,
            stamp,
            duplicates,
        })
    }

    fn compare(&mut self, one: &Ending, two: &Ending) -> Outcome {
        self.timeline.heading("What is left of it")?;
        let row = |name: &str, cell: &dyn Fn(&Ending) -> String| [name.to_owned(), cell(one), cell(two)];
        let people = self.people.len();
        let rows = [
            row("contacts stored", &|act| grouped(act.contacts)),
            row("jobs worked off", &|act| grouped(act.worked_off.jobs)),
            row("people indexed", &|act| grouped(act.indexed)),
            row("people found", &|act| format!("{} of {people}", act.found)),
            row("stamp", &|act| act.stamp.to_owned()),
            row("duplicates", &|act| grouped(act.duplicates)),
        ];
        self.timeline.table(["", "act one", "act two"], &rows)?;
        self.timeline.text("\n")?;
        let (contacts, jobs) = (self.contacts(), self.jobs());
        self.timeline.claim("act one has a stamp and an empty index: they contradict each other", {
            one.stamp == "set by call 1" && one.indexed == 0 && one.contacts == contacts
        })?;
        self.timeline.claim("act two has a stamp and everybody in the index", {
            two.stamp.starts_with("set") && two.indexed == contacts && two.worked_off.people == contacts
        })?;
        self.timeline.claim("nothing is there twice: no contact, no job, no person in the index", {
            one.duplicates == 0 && two.duplicates == 0 && two.worked_off.jobs == jobs
        })?;
        Ok(())
    }

    async fn clean_up(&self) -> Outcome {
        let _nothing_lost = self.cache.emissions.shutdown(PATIENCE).await.lossless()?;
        self.queue.clear().await?;
        Ok(())
    }
}

/// Whether this text of a failure speaks of the queue's listener and of the outage.
fn is_the_outage(failure: &str) -> bool {
    failure.contains("::enqueue_index_jobs") && failure.contains("the job queue is out of reach")
}
