//! The service: fetch an address book, store it, tell everybody, stamp the account. Twice.
//!
//! The two functions differ in one line and in what the last line asks for.

use emissions::{Emissions, EmitError, GateError};

use super::{
    account::UserId, contacts::Contacts, events::ContactsBulkUpserted, google_csv::Contact, integration::Integrations,
};

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// The stamp is set: the contacts are searchable, says the account, and nothing is done.
    Skipped,
    /// Everything was stored, and the account was stamped.
    Synced,
}

/// Why a call failed. The next one starts from the beginning.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefreshError {
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    NotAdmitted(#[from] EmitError<ContactsBulkUpserted>),
    #[error(transparent)]
    GateShut(#[from] GateError<ContactsBulkUpserted>),
}

/// Keeps the contacts of an account in step with its Google address book.
pub(crate) struct ContactCache {
    pub(crate) address_book: Vec<Contact>,
    pub(crate) contacts: Contacts,
    pub(crate) integrations: Integrations,
    pub(crate) emissions: Emissions,
}

impl ContactCache {
    /// Act one: emit, and stamp whatever comes of it.
    ///
    /// # Errors
    /// If the database refuses or the bus is full. A listener that fails is no error here.
    pub(crate) async fn refresh_and_hope(&self, user: UserId) -> Result<Refresh, RefreshError> {
        if self.integrations.contacts_synced_at(user).await?.is_some() {
            return Ok(Refresh::Skipped);
        }
        self.contacts.bulk_upsert(user, &self.address_book).await?;
        // `Ok` means "in the queue". That nobody has handled it yet, the caller throws away.
        let _admitted = self.emissions.emit(self.upserted(user))?;
        self.integrations.mark_synced_on_trust(user).await?;
        Ok(Refresh::Synced)
    }

    /// Act two: emit, wait until every listener has succeeded, and stamp with the proof of it.
    ///
    /// # Errors
    /// If the database refuses or any listener fails. The stamp is empty then, and the next call tries again.
    pub(crate) async fn refresh(&self, user: UserId) -> Result<Refresh, RefreshError> {
        if self.integrations.contacts_synced_at(user).await?.is_some() {
            return Ok(Refresh::Skipped);
        }
        self.contacts.bulk_upsert(user, &self.address_book).await?;
        let gate = self.emissions.emit_async(self.upserted(user)).await?;
        self.integrations.mark_synced(user, gate).await?;
        Ok(Refresh::Synced)
    }

    fn upserted(&self, user_id: UserId) -> ContactsBulkUpserted {
        let contact_emails = self.address_book.iter().map(|contact| contact.email.clone()).collect();
        ContactsBulkUpserted { user_id, contact_emails }
    }
}
