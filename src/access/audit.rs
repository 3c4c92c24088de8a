//! What the audit log of a site tells of: every act has a name that is kept and words that are shown.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::{SiteId, UserId};
use crate::store::audit::{self, Record};
use rusqlite::Transaction;

macro_rules! acts {
    ($($name:ident = $kept:literal: $words:literal,)*) => {
        /// Something that somebody does to a site.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Act {
            $(#[doc = $words] $name,)*
        }

        impl Act {
            const ALL: &[Self] = &[$(Self::$name),*];

            /// The name that is kept.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $kept,)* }
            }

            /// What is shown.
            pub fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

acts! {
    Restore = "restored": "Put a backup in the place of the data file",
    AddSite = "site-added": "Added the site",
    ChangeSite = "site-changed": "Changed name, domain or time zone",
    ChangeTracking = "tracking-changed": "Changed the tracking settings",
    ChangeHosts = "hosts-changed": "Changed the site's hosts",
    ChangeRetention = "retention-changed": "Changed how long visits are kept",
    DropVisits = "visits-dropped": "Dropped old visits",
    ExportVisitor = "visitor-exported": "Exported one visitor's data",
    EraseVisitor = "visitor-erased": "Erased one visitor's data",
    ShowKeys = "keys-shown": "Looked at the keys",
    RotateKeys = "keys-rotated": "Made new keys",
    Share = "share-given": "Shared the site",
    ChangeShare = "share-changed": "Changed a level",
    RemoveShare = "share-removed": "Ended an access",
    Leave = "share-left": "Left the site",
    SwitchBilling = "billing-switched": "Switched billing visibility",
    Invite = "invitation-made": "Made an invitation",
    WithdrawInvitation = "invitation-withdrawn": "Withdrew an invitation",
    TakeInvitation = "invitation-taken": "Took an invitation",
    ChangeViewOnly = "view-only-changed": "Changed what View Only shows",
    MakeLink = "link-made": "Made a guest link",
    ChangeLink = "link-changed": "Changed a guest link",
    DisableLink = "link-disabled": "Disabled a guest link",
    EnableLink = "link-enabled": "Enabled a guest link",
    RenewLink = "link-renewed": "Gave a guest link a new address",
    RemoveLink = "link-removed": "Removed a guest link",
    SaveSegment = "segment-saved": "Saved a segment for everybody",
    ChangeSegment = "segment-changed": "Changed a segment of everybody",
    RemoveSegment = "segment-removed": "Removed a segment of everybody",
    ChangeBrand = "brand-changed": "Changed the white label",
    Export = "exported": "Exported a file",
    Import = "imported": "Imported a file",
    OfferSite = "transfer-offered": "Offered the site to another account",
    WithdrawOffer = "transfer-withdrawn": "Withdrew the offer of the site",
    DeclineOffer = "transfer-declined": "Declined the offer of the site",
    TransferSite = "site-transferred": "Took the site over",
    GiveSite = "site-given": "Gave the site to another account",
    DeleteSite = "site-deleted": "Deleted the site",
    AdoptAccount = "account-adopted": "Made an account a sub-account",
    ReleaseAccount = "account-released": "Made a sub-account an account of its own",
    ResetAccount = "account-reset": "Made a link for a sub-account's new password",
    RemoveAccount = "account-removed": "The account was removed",
}

impl Act {
    /// Acts that take something back: rights, secrets, or stored data of visitors. A backup made before such
    /// an act still has it.
    const TAKING_BACK: [Self; 20] = [
        Self::ChangeRetention,
        Self::DropVisits,
        Self::EraseVisitor,
        Self::RotateKeys,
        Self::ChangeShare,
        Self::RemoveShare,
        Self::Leave,
        Self::SwitchBilling,
        Self::WithdrawInvitation,
        Self::ChangeViewOnly,
        Self::ChangeLink,
        Self::DisableLink,
        Self::RenewLink,
        Self::RemoveLink,
        Self::WithdrawOffer,
        Self::TransferSite,
        Self::GiveSite,
        Self::DeleteSite,
        Self::ReleaseAccount,
        Self::RemoveAccount,
    ];

    /// True for the stored name of an act that takes something back.
    pub fn takes_back(kept: &str) -> bool {
        Self::TAKING_BACK.iter().any(|act| act.name() == kept)
    }

    /// What an act is called; its kept name, if a later version wrote it.
    pub fn words_of(kept: &str) -> &str {
        Self::ALL.iter().find(|act| act.name() == kept).map_or(kept, |act| act.words())
    }
}

/// Who did an act, as it is shown: the command line where nobody was signed in, and nobody where that is not told.
pub fn who(record: &Record) -> &str {
    match &record.actor {
        Some(actor) => actor,
        None if record.act == Act::RemoveAccount.name() => "–",
        None => "command line",
    }
}

/// Whose hand does something, when, and from where.
#[derive(Clone, Debug)]
pub struct Hand {
    /// Who; none: the command line.
    pub actor: Option<String>,
    /// The sub-account that they act for.
    pub acting_for: Option<String>,
    /// Where the request comes from; none: the command line.
    pub address: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl Hand {
    /// Whoever runs commands on this machine.
    pub fn command_line(at: Timestamp) -> Self {
        Self { actor: None, acting_for: None, address: None, at }
    }

    /// Writes an act down, in the transaction that does it.
    pub fn note(&self, transaction: &Transaction<'_>, site: SiteId, (act, about): (Act, &str)) -> Result<()> {
        let record = Record {
            site,
            at: self.at,
            actor: self.actor.clone(),
            acting_for: self.acting_for.clone(),
            act: act.name().to_owned(),
            about: about.to_owned(),
            address: self.address.clone(),
        };
        audit::create(transaction, &record)
    }

    /// Writes down an act on an account itself, whatever sites it opens.
    pub fn note_account(&self, transaction: &Transaction<'_>, user: UserId, act: Act) -> Result<()> {
        self.note(transaction, audit::NO_SITE, (act, &user.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_has_a_name_of_its_own_that_leads_to_its_words() {
        for act in Act::ALL {
            assert_eq!(Act::words_of(act.name()), act.words());
        }
        assert_eq!(Act::words_of("from-the-future"), "from-the-future");
    }
}
