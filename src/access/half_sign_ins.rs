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
    /// The hash that the right password had.
    password: String,
    since: Timestamp,
    wrong_codes: u32,
}

/// The tickets that hold, and how many wrong codes in a row were typed for each person.
#[derive(Default)]
pub struct HalfSignIns {
    halves: Mutex<HashMap<[u8; 32], Half>>,
    wrong_codes: Mutex<HashMap<UserId, u32>>,
}

impl HalfSignIns {
    fn halves(&self) -> MutexGuard<'_, HashMap<[u8; 32], Half>> {
        self.halves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A ticket for somebody whose password was right.
    pub fn begin(&self, user: UserId, password: String, now: Timestamp) -> Result<Token> {
        let ticket = Token::generate()?;
        let mut halves = self.halves();
        halves.retain(|_, half| now.since(half.since) < limits::HALF_SIGN_IN_LASTS);
        if halves.len() >= limits::HALF_SIGN_INS_MAX {
            halves.clear();
        }
        halves.insert(ticket.hash(), Half { user, password, since: now, wrong_codes: 0 });
        Ok(ticket)
    }

    /// Whose ticket this is, and the hash of the password that began it, as long as it holds. Counts as a wrong code until [`HalfSignIns::end`].
    pub fn take(&self, ticket: &Token, now: Timestamp) -> Option<(UserId, String)> {
        let mut halves = self.halves();
        let half = halves.get_mut(&ticket.hash())?;
        half.wrong_codes += 1;
        let holds = now.since(half.since) < limits::HALF_SIGN_IN_LASTS
            && half.wrong_codes <= limits::CODES_PER_SIGN_IN_MAX;
        let begun = (half.user, half.password.clone());
        if !holds {
            halves.remove(&ticket.hash());
        }
        holds.then_some(begun)
    }

    /// Counts a wrong code, and says how many there were in a row.
    pub fn count_wrong(&self, user: UserId) -> u32 {
        let mut all = self.wrong_codes.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(user).or_default();
        *count = count.saturating_add(1);
        *count
    }

    /// The code was right: the wrong ones before it are forgotten.
    pub fn forget_wrong(&self, user: UserId) {
        self.wrong_codes.lock().unwrap_or_else(PoisonError::into_inner).remove(&user);
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
        let begin = |user| halves.begin(UserId(user), format!("hash {user}"), NOW).unwrap();
        let (slow, guesser) = (begin(1), begin(2));
        assert_eq!(halves.take(&slow, NOW), Some((UserId(1), "hash 1".into())));
        assert_eq!(halves.take(&slow, NOW.after(limits::HALF_SIGN_IN_LASTS)), None);
        for _ in 0..limits::CODES_PER_SIGN_IN_MAX {
            assert!(halves.take(&guesser, NOW).is_some());
        }
        assert_eq!(halves.take(&guesser, NOW), None);
        assert_eq!(halves.take(&Token::known("made up"), NOW), None);
    }

    #[test]
    fn a_ticket_that_was_used_is_gone() {
        let halves = HalfSignIns::default();
        let ticket = halves.begin(UserId(1), String::new(), NOW).unwrap();
        assert!(halves.take(&ticket, NOW).is_some());
        halves.end(&ticket);
        assert_eq!(halves.take(&ticket, NOW), None);
    }
}
