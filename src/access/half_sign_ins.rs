//! Passwords that were right and wait for the second factor: a ticket each, in memory, for a few minutes. After a restart
//! one signs in anew.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::{Token, UserId};
use crate::limits;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

struct Half {
    user: UserId,
    since: Timestamp,
    wrong_codes: u32,
}

/// The tickets that hold.
#[derive(Default)]
pub struct HalfSignIns(Mutex<HashMap<[u8; 32], Half>>);

impl HalfSignIns {
    fn halves(&self) -> MutexGuard<'_, HashMap<[u8; 32], Half>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A ticket for somebody whose password was right.
    pub fn begin(&self, user: UserId, now: Timestamp) -> Result<Token> {
        let ticket = Token::generate()?;
        let mut halves = self.halves();
        halves.retain(|_, half| now.since(half.since) < limits::HALF_SIGN_IN_LASTS);
        if halves.len() >= limits::HALF_SIGN_INS_MAX {
            halves.clear();
        }
        halves.insert(ticket.hash(), Half { user, since: now, wrong_codes: 0 });
        Ok(ticket)
    }

    /// Whose ticket this is, as long as it holds. Counts as a wrong code until [`HalfSignIns::end`].
    pub fn take(&self, ticket: &Token, now: Timestamp) -> Option<UserId> {
        let mut halves = self.halves();
        let half = halves.get_mut(&ticket.hash())?;
        half.wrong_codes += 1;
        let holds = now.since(half.since) < limits::HALF_SIGN_IN_LASTS
            && half.wrong_codes <= limits::CODES_PER_SIGN_IN_MAX;
        let user = half.user;
        if !holds {
            halves.remove(&ticket.hash());
        }
        holds.then_some(user)
    }

    /// Ends a ticket: the code was right.
    pub fn end(&self, ticket: &Token) {
        self.halves().remove(&ticket.hash());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    #[test]
    fn a_ticket_holds_for_a_few_minutes_and_a_few_codes() {
        let halves = HalfSignIns::default();
        let (slow, guesser) = (halves.begin(UserId(1), NOW).unwrap(), halves.begin(UserId(2), NOW).unwrap());
        assert_eq!(halves.take(&slow, NOW), Some(UserId(1)));
        assert_eq!(halves.take(&slow, NOW.after(limits::HALF_SIGN_IN_LASTS)), None);
        for _ in 0..limits::CODES_PER_SIGN_IN_MAX {
            assert_eq!(halves.take(&guesser, NOW), Some(UserId(2)));
        }
        assert_eq!(halves.take(&guesser, NOW), None);
        assert_eq!(halves.take(&Token::known("made up"), NOW), None);
    }

    #[test]
    fn a_ticket_that_was_used_is_gone() {
        let halves = HalfSignIns::default();
        let ticket = halves.begin(UserId(1), NOW).unwrap();
        assert!(halves.take(&ticket, NOW).is_some());
        halves.end(&ticket);
        assert_eq!(halves.take(&ticket, NOW), None);
    }
}
