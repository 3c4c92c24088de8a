//! The end of an e-mail report that may not be sent any more, with a note to the person who set it up.

use super::standing::{self, Standing};
use crate::error::Result;
use crate::mail::body::Body;
use crate::mail::templates::Letters;
use crate::model::clock::Timestamp;
use crate::model::id::DigestId;
use crate::store::digests::{self, Audience, Digest, EndReason};
use crate::store::users;
use crate::store::{outbox, sites};
use rusqlite::{Connection, Transaction};

/// Returns the reason of an end as a sentence.
pub fn sentence(why: EndReason) -> &'static str {
    match why {
        EndReason::NoAccess => "It ended: its sites were deleted, or aren't shared with you any more.",
        EndReason::LinkRemoved => "It ended because the guest link was removed.",
        EndReason::LinkExpired => "It ended because the guest link has expired.",
    }
}

/// Ends an e-mail report if it is over at this moment, and writes the note.
///
/// # Errors
///
/// Fails with `Error::Missing` when the report is gone, and when the data file cannot be written.
pub fn end(tx: &Transaction<'_>, letters: Option<&Letters>, id: DigestId, at: Timestamp) -> Result<()> {
    let digest = digests::get(tx, id)?;
    let Standing::Over(why) = standing::find(tx, &digest, at)? else { return Ok(()) };
    if digest.ended.is_some() {
        return Ok(());
    }
    digests::end(tx, id, why, at)?;
    let Some((letters, (user, body))) = letters.zip(note(tx, &digest, why)?) else { return Ok(()) };
    if let Some(address) = user.mailbox().filter(|_| user.disabled_at.is_none()) {
        outbox::create(tx, &letters.compose(address, Some(user.id), &body(letters)), at)?;
    }
    Ok(())
}

/// The words of a note, once the addresses of its links are known.
type Note = Box<dyn FnOnce(&Letters) -> Body>;

/// Returns the note on an end, and the user who gets it; `None` if nobody set the report up who is still there.
fn note(connection: &Connection, digest: &Digest, why: EndReason) -> Result<Option<(users::User, Note)>> {
    let title = digest.rhythm.title();
    match &digest.audience {
        Audience::User { user, .. } => {
            let user = users::get(connection, *user)?;
            let body: Note = Box::new(move |letters| {
                Body::new(format!("Your {} report has ended", title.to_lowercase()))
                    .text(
                        "It isn't sent any more: its sites were deleted, or aren't shared with you any more.",
                    )
                    .button("E-mail reports", letters.address("/account/digests"))
            });
            Ok(Some((user, body)))
        }
        Audience::Outside(outside) => {
            let site = sites::get(connection, outside.site)?;
            // Who can't manage guest links any more learns nothing of the site.
            let Some(maker) = standing::maker(connection, outside, &site)? else { return Ok(None) };
            let recipient = outside.recipient.clone();
            let body: Note = Box::new(move |letters| {
                let path = format!("/sites/{}/preferences/digests", site.id);
                Body::new(format!("The {} report to {recipient} has ended", title.to_lowercase()))
                    .text(format!("The report on {} isn't sent any more. {}", site.name, sentence(why)))
                    .button("E-mail reports", letters.address(&path))
            });
            Ok(Some((users::get(connection, maker)?, body)))
        }
    }
}
