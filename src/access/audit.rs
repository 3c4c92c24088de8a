//! The acts in a site's audit log: each has a stored name and a label for the screen.

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, UserId};
use crate::store::audit::{self, AuditEntry};
use rusqlite::{Connection, Transaction};

macro_rules! acts {
    ($($name:ident = $kept:literal: $label:literal,)*) => {
        /// An act on a site or an account that the audit log records.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum AuditAction {
            $(#[doc = $label] $name,)*
        }

        impl AuditAction {
            const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the stored name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $kept,)* }
            }

            /// Returns the label for the screen.
            pub fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }
        }
    };
}

acts! {
    Restore = "restored": "Put a backup in the place of the data file",
    AddSite = "site-added": "Added the site",
    ChangeSite = "site-changed": "Changed name, domain or time zone",
    ChangeTracking = "tracking-changed": "Changed the tracking settings",
    ChangeHeatmaps = "heatmaps-changed": "Changed what heatmaps record",
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
    AddOutsideDigest = "outside-digest-added": "Set up an e-mail report to an address outside",
    PauseOutsideDigest = "outside-digest-paused": "Paused an e-mail report to an address outside",
    ResumeOutsideDigest = "outside-digest-resumed": "Resumed an e-mail report to an address outside",
    RemoveOutsideDigest = "outside-digest-removed": "Removed an e-mail report to an address outside",
    MakeToken = "token-made": "Made a personal token",
    RemoveToken = "token-removed": "Removed a personal token",
    SaveSegment = "segment-saved": "Saved a segment for everybody",
    ChangeSegment = "segment-changed": "Changed a segment of everybody",
    RemoveSegment = "segment-removed": "Removed a segment of everybody",
    ChangeBrand = "brand-changed": "Changed the white label",
    AddGoal = "goal-added": "Added a goal",
    ChangeGoal = "goal-changed": "Changed a goal",
    RemoveGoal = "goal-removed": "Removed a goal",
    BringGoalBack = "goal-brought-back": "Brought a removed goal back",
    AddFunnel = "funnel-added": "Added a funnel",
    ChangeFunnel = "funnel-changed": "Changed a funnel",
    RemoveFunnel = "funnel-removed": "Removed a funnel",
    ChangeCurrency = "currency-changed": "Changed the currency",
    AddCampaignRule = "campaign-rule-added": "Added a campaign rule",
    RemoveCampaignRule = "campaign-rule-removed": "Removed a campaign rule",
    ChangeCampaignParameters = "campaign-parameters-changed": "Changed the campaign parameters",
    SetCampaignCost = "campaign-cost-set": "Set the cost of a campaign",
    MakeCampaignLink = "campaign-link-made": "Built a campaign link",
    RemoveCampaignLink = "campaign-link-removed": "Removed a campaign link from the list",
    ChangeCustomKeys = "custom-keys-changed": "Changed the custom data with reports of its own",
    AddAnnotation = "annotation-added": "Added an annotation",
    ChangeAnnotation = "annotation-changed": "Changed an annotation",
    RemoveAnnotation = "annotation-removed": "Removed an annotation",
    SetVisitorNote = "visitor-note-set": "Changed the annotation of a visitor",
    RemoveVisitorNote = "visitor-note-removed": "Removed the annotation of a visitor",
    AddAlert = "alert-added": "Added an alert",
    ChangeAlert = "alert-changed": "Changed an alert",
    RemoveAlert = "alert-removed": "Removed an alert",
    AddWebhook = "webhook-added": "Added a webhook",
    ChangeWebhook = "webhook-changed": "Changed a webhook",
    PauseWebhook = "webhook-paused": "Paused a webhook",
    ResumeWebhook = "webhook-resumed": "Let a webhook go on",
    RotateWebhookSecret = "webhook-secret-rotated": "Made a new secret of a webhook",
    RemoveWebhook = "webhook-removed": "Removed a webhook",
    AddMonitor = "monitor-added": "Added a monitor",
    ChangeMonitor = "monitor-changed": "Changed a monitor",
    PauseMonitor = "monitor-paused": "Paused a monitor",
    ResumeMonitor = "monitor-resumed": "Resumed a monitor",
    RemoveMonitor = "monitor-removed": "Removed a monitor",
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

impl AuditAction {
    /// The acts that take away rights, secrets or stored data of visitors. A backup made before such an act
    /// still contains them.
    const TAKING_BACK: [Self; 24] = [
        Self::ChangeRetention,
        Self::DropVisits,
        Self::EraseVisitor,
        Self::RemoveVisitorNote,
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
        Self::RemoveToken,
        Self::RotateWebhookSecret,
        Self::RemoveWebhook,
        Self::WithdrawOffer,
        Self::TransferSite,
        Self::GiveSite,
        Self::DeleteSite,
        Self::ReleaseAccount,
        Self::RemoveAccount,
    ];

    /// Returns true for the stored name of an act that takes something away.
    pub fn takes_back(kept: &str) -> bool {
        Self::TAKING_BACK.iter().any(|act| act.name() == kept)
    }

    /// Returns the label of a stored name, or the name itself if a later version wrote it.
    pub fn label_of(kept: &str) -> &str {
        Self::ALL.iter().find(|act| act.name() == kept).map_or(kept, |act| act.label())
    }
}

/// Returns the label of an act's actor: the command line or a program with the site key if no user was signed in, and a dash for the removal
/// of an account, whose actor is not disclosed.
pub fn who(record: &AuditEntry) -> &str {
    match &record.actor {
        Some(actor) => actor,
        None if record.act == AuditAction::RemoveAccount.name() => "–",
        None if record.address.is_some() => "site key",
        None => "command line",
    }
}

/// The actor of an act, with the time and origin of the request.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user name of the actor; `None` for the command line.
    pub user: Option<String>,
    /// The user name of the sub-account that the actor acts for.
    pub acting_for: Option<String>,
    /// The address that the request came from; `None` for the command line.
    pub address: Option<String>,
    /// The time of the act.
    pub at: Timestamp,
}

impl Actor {
    /// Returns the actor for commands on this machine.
    pub fn command_line(at: Timestamp) -> Self {
        Self { user: None, acting_for: None, address: None, at }
    }

    /// Writes an act to a site's audit log, in the transaction that performs it.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn record(
        &self,
        transaction: &Transaction<'_>,
        site: SiteId,
        act: AuditAction,
        about: &str,
    ) -> Result<()> {
        audit::create(transaction, &self.entry(site, act, about))
    }

    /// Returns true if the actor recorded an act with this text on a site since a time.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn has_recorded(
        &self,
        connection: &Connection,
        site: SiteId,
        (act, about): (AuditAction, &str),
        since: Timestamp,
    ) -> Result<bool> {
        audit::has_like(connection, &self.entry(site, act, about), since)
    }

    fn entry(&self, site: SiteId, act: AuditAction, about: &str) -> AuditEntry {
        AuditEntry {
            site,
            at: self.at,
            actor: self.user.clone(),
            acting_for: self.acting_for.clone(),
            act: act.name().to_owned(),
            about: about.to_owned(),
            address: self.address.clone(),
        }
    }

    /// Writes an act on an account itself to the audit log, independent of the sites that it opens.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn note_account(&self, transaction: &Transaction<'_>, user: UserId, act: AuditAction) -> Result<()> {
        self.record(transaction, audit::NO_SITE, act, &user.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_has_a_name_of_its_own_that_leads_to_its_words() {
        for act in AuditAction::ALL {
            assert_eq!(AuditAction::label_of(act.name()), act.label());
        }
        assert_eq!(AuditAction::label_of("from-the-future"), "from-the-future");
    }
}
